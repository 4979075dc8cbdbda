import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PROBLEM_CODES, type ProblemCode } from './problem.js';

/** A problem as the OpenAPI document has it (RFC 9457). */
export class ProblemResponse {
  @ApiProperty({ enum: ['about:blank'] })
  type: string;

  @ApiProperty({ description: 'What the status says.' })
  title: string;

  @ApiProperty({ minimum: 400, maximum: 599 })
  status: number;

  @ApiProperty({ enum: PROBLEM_CODES, enumName: 'ProblemCode', description: 'Stable: switch on it.' })
  code: ProblemCode;

  @ApiPropertyOptional({ description: 'What is wrong with the request, by the names of its fields.' })
  detail?: string;
}
