import { cloudEventHeaders, EVENT_TYPES, CLOUD_EVENT_SOURCE } from '#libs/contracts';
import { COMMAND_WORDS, EVENT_WORDS, EVENTS, PUBLIC_COMMANDS, type PublicCommand } from './catalogue.js';
import {
  COMMAND_EXAMPLES,
  EVENT_EXAMPLES,
  EXAMPLE_ID,
  EXAMPLE_REPLY_TO,
  EXAMPLE_TIME,
  OUTCOME_EXAMPLES,
  PROFILE_EXAMPLE,
} from './examples.js';
import { commandHeaders, deadLetterHeaders, eventHeaders, outcomeHeaders } from './headers.js';
import type { Schema } from './json-schema.js';

export interface Message {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly description?: string;
  readonly contentType: string;
  readonly headers?: Schema;
  readonly payload: Schema | Ref;
  readonly bindings: { readonly kafka: { readonly key: Schema } };
  readonly examples?: readonly { name: string; headers?: object; payload: object }[];
  readonly 'x-silent'?: boolean;
  readonly 'x-inviter-hears'?: string;
}

export interface Ref {
  readonly $ref: string;
}

export const ref = (...path: string[]): Ref => ({ $ref: `#/${path.join('/')}` });

export const OUTCOME = 'invitations.outcome.v1';
export const DEAD_LETTER = 'dead-letter';
export const PROFILE = 'profile';

export const BINDING = { bindingVersion: '0.5.0' };

/** Every message of the contract, by its name. */
export function messages(): Record<string, Message> {
  return {
    ...Object.fromEntries(PUBLIC_COMMANDS.map((type) => [type, commandMessage(type)])),
    ...Object.fromEntries(
      EVENTS.map((type) => [
        type,
        {
          name: type,
          ...EVENT_WORDS[type],
          contentType: 'application/json',
          headers: eventHeaders(type),
          payload: ref('components', 'schemas', type),
          bindings: keyed(EVENT_TYPES[type].key),
          examples: [
            {
              name: 'example',
              headers: cloudEventHeaders({
                id: EXAMPLE_ID,
                type,
                source: CLOUD_EVENT_SOURCE,
                time: EXAMPLE_TIME,
                subject: (EVENT_EXAMPLES[type] as { invitationId: string }).invitationId,
              }),
              payload: EVENT_EXAMPLES[type],
            },
          ],
        },
      ]),
    ),
    [OUTCOME]: {
      name: OUTCOME,
      title: 'Outcome',
      summary:
        'The outcome of a command, for its publisher. A repeated command gets the same outcome again (D10).',
      contentType: 'application/json',
      headers: outcomeHeaders(),
      payload: ref('components', 'schemas', OUTCOME),
      bindings: keyed('commandId'),
      examples: OUTCOME_EXAMPLES.map((payload) => ({
        name: payload.outcome,
        headers: cloudEventHeaders({
          id: EXAMPLE_ID,
          type: OUTCOME,
          source: CLOUD_EVENT_SOURCE,
          time: EXAMPLE_TIME,
          subject: EXAMPLE_ID,
        }),
        payload,
      })),
    },
    [DEAD_LETTER]: {
      name: DEAD_LETTER,
      title: 'Dead letter',
      summary: 'A message that is not a valid command, or that the running version cannot decide.',
      contentType: 'application/octet-stream',
      headers: deadLetterHeaders(),
      payload: { title: 'DeadLetter', description: 'The value of the original message, byte for byte.' },
      bindings: keyed('the key as it came'),
    },
    [PROFILE]: {
      name: PROFILE,
      title: 'Profile',
      summary: 'The profile of a member. Unknown fields are ignored.',
      contentType: 'application/json',
      payload: ref('components', 'schemas', PROFILE),
      bindings: keyed('id'),
      examples: [{ name: 'example', payload: PROFILE_EXAMPLE }],
    },
  };
}

function commandMessage(type: PublicCommand): Message {
  const { title, summary, silent, inviterHears, key } = COMMAND_WORDS[type];
  const attributes = { id: EXAMPLE_ID, type, source: '/profile-service', time: EXAMPLE_TIME };
  const headers = { ...cloudEventHeaders(attributes), 'reply-to': EXAMPLE_REPLY_TO };
  return {
    name: type,
    title,
    summary,
    contentType: 'application/json',
    headers: commandHeaders(type),
    payload: ref('components', 'schemas', type),
    bindings: keyed(key),
    examples: [{ name: 'example', headers, payload: COMMAND_EXAMPLES[type].data }],
    'x-silent': silent,
    'x-inviter-hears': inviterHears,
  };
}

const keyed = (description: string) => ({ kafka: { key: { type: 'string', description }, ...BINDING } });
