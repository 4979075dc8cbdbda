import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader } from '@nestjs/swagger';
import type { OutcomeCode } from '#libs/contracts';
import { ApiProblem } from '../http/api-problem.js';
import { CommandResponse } from './command.responses.js';
import { REFUSAL_STATUS } from './refusal-status.js';

/**
 * What the OpenAPI document says of every command.
 * @param refusals beside `INVALID_COMMAND`, which each may get
 */
export const ApiCommand = (...refusals: OutcomeCode[]): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'The id of the command, a UUID (not of version 8). The same again has no second effect and gets the first outcome.',
      schema: { type: 'string', format: 'uuid' },
    }),
    ApiAcceptedResponse({
      type: CommandResponse,
      description: 'The outcome is not known yet; Location says where it will be.',
      headers: { Location: { schema: { type: 'string', format: 'uri-reference' } } },
    }),
    ...byStatus(['INVALID_COMMAND', ...refusals]).map(([status, codes]) => ApiProblem(status, ...codes)),
  );

function byStatus(codes: OutcomeCode[]): [number, OutcomeCode[]][] {
  const all = new Map<number, OutcomeCode[]>();
  for (const code of codes) {
    const status = REFUSAL_STATUS[code];
    all.set(status, [...(all.get(status) ?? []), code]);
  }
  return [...all];
}
