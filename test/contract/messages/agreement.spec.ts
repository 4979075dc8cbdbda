import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import {
  InvalidDataError,
  parseCommand,
  parseEvent,
  parseProfile,
  type ReceivedMessage,
} from '#libs/contracts';
import { EVENTS, PUBLIC_COMMANDS, schemas } from '../../docs/contract/catalogue.js';
import { COMMAND_EXAMPLES, EVENT_EXAMPLES, PROFILE_EXAMPLE } from '../../docs/contract/examples.js';
import { expectForAll, RUNS, TIMEOUT_MS } from '../../properties/runs.js';
import { mutated, nearlyValid, received } from './arbitraries.js';

const ajv = new Ajv2020({ strict: true });
addFormats.default(ajv);
const takes = Object.fromEntries(
  Object.entries(schemas()).map(([name, schema]) => [name, ajv.compile(schema)]),
);

/*
 * Where schema and service differ, and why:
 * - control characters are stripped before a text is counted, and a schema counts them (the schema refuses more);
 * - halves of characters, names that stand twice and names that reach a prototype are no matter of a schema;
 * - null where a field may be absent is no matter of a schema: generators would make a type of everything of it;
 * - a schema does not limit the local part of an address to 64 characters, which takes a lookahead.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it is for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

const hasDifference = (value: unknown) =>
  value === null ||
  (typeof value === 'string' && (CONTROLS.test(value) || !value.isWellFormed() || /^[^@]{65,}@/.test(value)));

const value = nearlyValid.filter(
  (value) => !hasDifference(value) && !/__proto__|constructor|prototype|\\u/.test(JSON.stringify(value)),
);

function isRead(parse: (message: ReceivedMessage) => unknown, message: ReceivedMessage): boolean {
  try {
    parse(message);
    return true;
  } catch (error) {
    if (error instanceof InvalidDataError) return false;
    throw error;
  }
}

const EXAMPLES: readonly (readonly [string, string, object, (message: ReceivedMessage) => unknown])[] = [
  ...PUBLIC_COMMANDS.map(
    (type) => [`commands/${type}`, type, COMMAND_EXAMPLES[type].data, parseCommand] as const,
  ),
  ...EVENTS.map((type) => [`events/${type}`, type, EVENT_EXAMPLES[type], parseEvent] as const),
  ['members/profile', '', PROFILE_EXAMPLE, parseProfile],
];

describe('the JSON Schemas and the validation of the service', () => {
  it.each(EXAMPLES)(
    'agree on %s',
    (name, type, example, parse) => {
      const field = fc.constantFrom(...Object.keys(schemas()[name]!.properties!), 'colour', 'toString');
      const changes = fc.array(fc.tuple(field, fc.option(value, { nil: undefined })), {
        minLength: 1,
        maxLength: 2,
      });
      const seen = { taken: 0, refused: 0 };
      expectForAll(
        name,
        changes,
        (changes) => {
          const data = mutated(example, changes);
          const bySchema = takes[name]!(data);
          seen[bySchema ? 'taken' : 'refused'] += 1;
          const byService = isRead(parse, received(type, Buffer.from(JSON.stringify(data))));
          if (bySchema !== byService)
            throw new Error(
              `schema ${bySchema}, service ${byService}: ${JSON.stringify(data).slice(0, 500)}`,
            );
        },
        RUNS,
      );
      // Both results must occur, or the test proves nothing.
      expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(RUNS / 50);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['control characters count', { message: '\u0007'.repeat(301) }, false, true],
    ['a half of a character', { message: '\ud800' }, true, false],
    ['null for an absent field', { message: null }, false, true],
    ['a long local part', { recipientEmail: `${'a'.repeat(65)}@network.example` }, true, false],
  ])('differ as documented: %s', (_what, change, bySchema, byService) => {
    const data = { ...COMMAND_EXAMPLES['invitations.send.v1'].data, ...change };
    expect(takes['commands/invitations.send.v1']!(data)).toBe(bySchema);
    const message = received('invitations.send.v1', Buffer.from(JSON.stringify(data)));
    expect(isRead(parseCommand, message)).toBe(byService);
  });
});
