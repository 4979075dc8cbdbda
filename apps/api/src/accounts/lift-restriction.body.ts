import { ApiProperty, PickType } from '@nestjs/swagger';
import { LiftRestrictionData } from '#libs/contracts';

export class LiftRestrictionBody extends PickType(LiftRestrictionData, ['reason'] as const) {
  @ApiProperty({ minLength: 1, maxLength: 500 })
  override reason: string;
}
