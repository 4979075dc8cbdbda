import { INSTANT, SOURCE, UUID } from '#libs/contracts';
import type { Schema } from './json-schema.js';

/** Version 8 is this service's own. */
const COMMAND_ID =
  '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-79a-fA-F][0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';

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
          title: 'UUID',
          pattern: COMMAND_ID,
          description:
            'The command’s id, a UUID of your choice but not of version 8. The same id again has no second effect and ' +
            'gets the first outcome (D10).',
        },
        { type: 'string', format: 'uri-reference', description: 'Who publishes.' },
        { ...instant, description: 'When it was asked for.' },
      ),
      'reply-to': {
        type: 'string',
        pattern: '^invitations\\.outcomes\\.[A-Za-z0-9._-]{1,200}$',
        description: 'The topic that is to hear the outcome; it exists, and is yours.',
      },
    },
    required: REQUIRED,
  };
}

const ours: Schema = { type: 'string', const: SOURCE };
const ourInstant: Schema = { ...instant, pattern: INSTANT.source };

export function eventHeaders(type: string): Schema {
  const id = {
    type: 'string',
    title: 'UUID',
    pattern: UUID.source,
    description: 'The same at each repeat: dedupe by it.',
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
  const id = { type: 'string', title: 'UUID', pattern: UUID.source, description: 'The command’s id.' };
  return {
    type: 'object',
    properties: {
      ...cloudEvent('invitations.outcome.v1', id, ours, ourInstant),
      ce_subject: { type: 'string', title: 'UUID', pattern: UUID.source, description: 'The command’s id.' },
    },
    required: [...REQUIRED, 'ce_time', 'ce_subject', 'content-type'],
  };
}

export function deadLetterHeaders(): Schema {
  const properties = {
    'dead-letter-topic': { type: 'string', description: 'Where it stood.' },
    'dead-letter-partition': { type: 'string', pattern: '^\\d+$', description: 'Where it stood.' },
    'dead-letter-offset': { type: 'string', pattern: '^\\d+$', description: 'Where it stood.' },
    'dead-letter-reason': {
      type: 'string',
      description: 'What is wrong with it. Names fields, never values.',
    },
    'dead-letter-at': { ...ourInstant, description: 'When it was set aside.' },
  };
  return { type: 'object', properties, required: Object.keys(properties) };
}
