import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { COMMAND_TYPES, InvalidDataError, parseCommand, type CommandMessage } from '#libs/contracts';
import { expectForAll, RUNS, TIMEOUT_MS } from '../../properties/runs.js';
import { COMMAND_EXAMPLES } from '../../docs/contract/examples.js';
import { commandType, mutatedCommand, received } from './arbitraries.js';

const seen = { read: 0, refused: 0 };

/** Parses a message, and expects a valid command or an InvalidDataError. */
function expectReadOrRefused(type: string, value: Uint8Array, headers: Record<string, string> = {}): void {
  const message = received(type, value, headers);
  let command: CommandMessage;
  try {
    command = parseCommand(message);
  } catch (error) {
    if (!(error instanceof InvalidDataError)) throw error;
    if (error.message.length > 2_000) throw new Error('the reason is a message of its own', { cause: error });
    seen.refused += 1;
    return;
  } finally {
    expectPrototypesUntouched();
  }
  seen.read += 1;
  if (!(command.data instanceof COMMAND_TYPES[command.type])) throw new Error('no instance of its class');
  const known = Object.keys(new COMMAND_TYPES[command.type]());
  for (const [field, value] of Object.entries(command.data) as [string, unknown][]) {
    if (!known.includes(field)) throw new Error(`${field} got through`);
    if (value !== undefined && typeof value !== 'string' && typeof value !== 'number')
      throw new Error(`${field} is no plain value`);
  }
}

const PROTOTYPES = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  ...Object.values(COMMAND_TYPES).map(proto),
];
const names = () => PROTOTYPES.map((of) => Reflect.ownKeys(of).length).join();
const BEFORE = names();

function proto(type: (typeof COMMAND_TYPES)[keyof typeof COMMAND_TYPES]): object {
  return type.prototype;
}

function expectPrototypesUntouched(): void {
  if (names() !== BEFORE) throw new Error('a prototype has changed');
}

const example = commandType.map((type) => ({ type, text: JSON.stringify(COMMAND_EXAMPLES[type].data) }));

/** Fragments that are difficult to handle somewhere in a JSON text. */
const piece = fc.oneof(
  fc.constantFrom(
    '"',
    '\\',
    '\\u',
    '\\ud800',
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    'null',
    '1e999',
    '\u0000',
    '\ufeff',
    '\ud800',
  ),
  fc.constantFrom(
    '"__proto__":{"polluted":1},',
    '"constructor":{"prototype":{"polluted":1}},',
    '"actorId":"x",',
  ),
  fc.constantFrom('['.repeat(40), '{"a":'.repeat(40), '"a":'.repeat(3), '"'.repeat(5)),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

describe('parsing of any input', () => {
  it(
    'returns a message or throws InvalidDataError for any bytes',
    () =>
      expectForAll(
        'bytes',
        fc.uint8Array({ maxLength: 200 }),
        (bytes) => expectReadOrRefused('invitations.send.v1', bytes),
        RUNS,
      ),
    TIMEOUT_MS,
  );

  it(
    'returns a message or throws InvalidDataError for any JSON',
    () =>
      expectForAll(
        'JSON',
        fc.tuple(commandType, fc.json({ maxDepth: 20 })),
        ([type, json]) => expectReadOrRefused(type, Buffer.from(json)),
        RUNS,
      ),
    TIMEOUT_MS,
  );

  it(
    'returns a message or throws InvalidDataError for commands with changed fields',
    () => {
      expectForAll(
        'fields',
        mutatedCommand,
        ({ type, data }) => expectReadOrRefused(type, Buffer.from(JSON.stringify(data))),
        RUNS,
      );
      expect(seen.read).toBeGreaterThan(RUNS / 20);
      expect(seen.refused).toBeGreaterThan(RUNS / 20);
    },
    TIMEOUT_MS,
  );

  it(
    'returns a message or throws InvalidDataError for commands with changed text',
    () =>
      expectForAll(
        'texts',
        fc.tuple(example, fc.nat(), fc.nat(3), piece),
        ([{ type, text }, at, length, piece]) => {
          const from = at % (text.length + 1);
          expectReadOrRefused(type, Buffer.from(text.slice(0, from) + piece + text.slice(from + length)));
        },
        RUNS,
      ),
    TIMEOUT_MS,
  );

  it('returns a message or throws InvalidDataError for any headers', () => {
    const value = Buffer.from(JSON.stringify(COMMAND_EXAMPLES['invitations.send.v1'].data));
    const name = fc.constantFrom('ce_id', 'ce_type', 'ce_specversion', 'content-type', 'ce_time', 'reply-to');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'toString', 'application/json'),
    );
    expectForAll('headers', fc.dictionary(name, text), (headers) =>
      expectReadOrRefused('invitations.send.v1', value, headers),
    );
  });

  it('rejects every duplicate field', () => {
    const twice = fc.tuple(example, fc.boolean(), fc.boolean());
    expectForAll('twice', twice, ([{ type, text }, escaped, inFront]) => {
      const [first] = Object.keys(JSON.parse(text) as object) as [string];
      const code = first.charCodeAt(0).toString(16).padStart(4, '0');
      const name = escaped ? `\\u${code}${first.slice(1)}` : first;
      const json = inFront ? `{"${name}":"x",${text.slice(1)}` : `${text.slice(0, -1)},"${name}":"x"}`;
      expect(() => parseCommand(received(type, Buffer.from(json)))).toThrow(
        'the message names a property twice',
      );
    });
  });
});
