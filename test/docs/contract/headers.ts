import { CLOUD_EVENT_SOURCE, MAX_GIVEN_ID_LENGTH, UTC_TIMESTAMP, UUID } from '#libs/contracts';
import { COMMAND_ID, type Schema } from './json-schema.js';

const instant: Schema = { type: 'string', format: 'date-time' };

const cloudEvent = (type: string, id: Schema, source: Schema, time: Schema) => ({
  ce_specversion: { type: 'string', const: '1.0' },
  ce_id: id,
  ce_type: { type: 'string', const: type },
  ce_source: source,
  ce_time: time,
  'content-type': { type: 'string', const: 'application/json' },
});

const REQUIRED = ['ce_specversion', 'ce_id', 'ce_type', 'ce_source'];

export function commandHeaders(type: string): Schema {
  return {
    type: 'object',
    properties: {
      ...cloudEvent(
        type,
        {
          type: 'string',
          pattern: COMMAND_ID,
          description:
            'The command’s id: any UUID that is not of version 8. A repeated id has no second effect and gets the first ' +
            'outcome (D10).',
        },
        { type: 'string', format: 'uri-reference', description: 'The publisher.' },
        { ...instant, description: 'When the command was issued.' },
      ),
      'reply-to': {
        type: 'string',
        pattern: '^invitations\\.outcomes\\.[A-Za-z0-9._-]{1,200}$',
        description: 'The topic for the outcome. The publisher owns it, and it must exist.',
      },
    },
    required: REQUIRED,
  };
}

const ours: Schema = { type: 'string', const: CLOUD_EVENT_SOURCE };
const ourInstant: Schema = { ...instant, pattern: UTC_TIMESTAMP.source };

export function eventHeaders(type: string): Schema {
  const id = {
    type: 'string',
    pattern: UUID.source,
    description: 'The same for each repetition of the event. Use it to skip duplicates.',
  };
  return {
    type: 'object',
    properties: {
      ...cloudEvent(type, id, ours, ourInstant),
      ce_subject: { type: 'string', description: 'The invitation’s id.' },
    },
    required: [...REQUIRED, 'ce_time', 'ce_subject', 'content-type'],
  };
}

export function outcomeHeaders(): Schema {
  const id = {
    type: 'string',
    maxLength: MAX_GIVEN_ID_LENGTH,
    description: 'The command’s id as its publisher wrote it.',
  };
  return {
    type: 'object',
    properties: {
      ...cloudEvent('invitations.outcome.v1', id, ours, ourInstant),
      ce_subject: id,
    },
    required: [...REQUIRED, 'ce_time', 'ce_subject', 'content-type'],
  };
}

export function deadLetterHeaders(): Schema {
  const properties = {
    'dead-letter-topic': { type: 'string', description: 'The topic of the original message.' },
    'dead-letter-partition': {
      type: 'string',
      pattern: '^\\d+$',
      description: 'The partition of the original message.',
    },
    'dead-letter-offset': {
      type: 'string',
      pattern: '^\\d+$',
      description: 'The offset of the original message.',
    },
    'dead-letter-reason': {
      type: 'string',
      description: 'What is wrong with the message. Names fields and headers, never their values.',
    },
    'dead-letter-at': { ...ourInstant, description: 'When the dead letter was published.' },
  };
  return { type: 'object', properties, required: Object.keys(properties) };
}
