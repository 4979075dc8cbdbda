import { ApiProperty } from '@nestjs/swagger';
import { REFUSAL_CODES, type OutcomeCode } from '#libs/contracts';

/** 200, or 202 while the outcome is not known. */
export class CommandResponse {
  @ApiProperty({ format: 'uuid' })
  commandId: string;
}

export class OutcomeResponse extends CommandResponse {
  @ApiProperty({ enum: ['accepted', 'refused'] })
  outcome: 'accepted' | 'refused';

  @ApiProperty({ enum: REFUSAL_CODES, required: false })
  code?: OutcomeCode;
}
