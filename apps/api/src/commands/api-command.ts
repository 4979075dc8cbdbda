import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader } from '@nestjs/swagger';
import { CommandResponse } from './command.responses.js';

/** What the OpenAPI document says of every command. */
export const ApiCommand = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'The id of the command, a UUID. The same again has no second effect and gets the first outcome.',
      schema: { type: 'string', format: 'uuid' },
    }),
    ApiAcceptedResponse({
      type: CommandResponse,
      description: 'The outcome is not known yet; Location says where it will be.',
    }),
  );
