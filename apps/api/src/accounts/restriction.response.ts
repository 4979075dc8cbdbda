import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class RestrictionResponse {
  @ApiProperty()
  accountId: string;

  @ApiProperty()
  restricted: boolean;

  @ApiPropertyOptional({
    format: 'date-time',
    description:
      'When it was restricted or, if it no longer is, when that was lifted; absent where it never was.',
  })
  since?: string;
}
