import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { LiftRestrictionData } from '#libs/contracts';

export class RestrictionResponse {
  @ApiProperty()
  accountId: string;

  @ApiProperty()
  restricted: boolean;

  @ApiPropertyOptional({
    format: 'date-time',
    description:
      'When the account was restricted or, if the restriction was lifted, when it was lifted. Absent if it was never restricted.',
  })
  since?: string;
}

export class LiftRestrictionBody extends PickType(LiftRestrictionData, ['reason'] as const) {
  @ApiProperty({ minLength: 1, maxLength: 500 })
  override reason: string;
}
