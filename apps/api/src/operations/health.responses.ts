import { ApiProperty } from '@nestjs/swagger';

export class AliveResponse {
  @ApiProperty({ enum: [true] })
  alive: boolean;
}

export class ReadyResponse {
  @ApiProperty()
  ready: boolean;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'boolean' } })
  parts: Record<string, boolean>;
}
