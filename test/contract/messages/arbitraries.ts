import * as fc from 'fast-check';
import { PUBLIC_COMMANDS } from '../../docs/contract/catalogue.js';
import { COMMAND_EXAMPLES } from '../../docs/contract/examples.js';

const UUID_TEXT = '7A1c0e52-0000-4000-8000-000000000001';

const TEXTS = `amal|a b|a.b|ä|site|email|SITE|${UUID_TEXT}|amal.${UUID_TEXT}|.${UUID_TEXT}|amal.${UUID_TEXT}0
bilal@network.example|bilal@network|@|a@b.c|a@b.cd|a@-b.cd|a.@b.cd|"a b"@network.example|دعوة@مثال.شبكة|a@1.2.3.4
2026-01-05T09:00:00.000Z|2026-02-29T09:00:00Z|2024-02-29T09:00:00Z|2026-01-05T24:00:00Z|2026-W01-1`.split(
  /[|\n]/,
);

/** Texts with lengths at the limits of the contract. */
const LONG = [
  ...[64, 65, 300, 301, 500, 501, 2000, 2001].map((length) => 'x'.repeat(length)),
  ...[300, 301].map((length) => '👋'.repeat(length)),
  ...[64, 65].map((length) => `${'a'.repeat(length)}@b.cd`),
];

const NO_TEXTS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  1e300,
  [],
  {},
  ['amal'],
  { toString: 'x' },
  { length: 3 },
];

/** Values that are valid or nearly valid for some field. Each test says which it leaves out. */
export const nearlyValid: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...TEXTS, `amal.${UUID_TEXT.toLowerCase()}`, '', ' ', 'amal\n'),
  fc.constantFrom(...LONG),
  fc.constantFrom<unknown>(...NO_TEXTS),
  fc.emailAddress(),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,66}$/),
  fc.jsonValue({ maxDepth: 2 }),
);

const fields = [
  'inviterId',
  'recipientId',
  'recipientEmail',
  'message',
  'invitationId',
  'actorId',
  'via',
  'accountId',
];

/** Possible field names, including those of properties that every object has. */
export const fieldName = fc.constantFrom(
  ...fields,
  'operatorId',
  'reason',
  'colour',
  'toString',
  'valueOf',
  'then',
  'length',
);

export const commandType = fc.constantFrom(...PUBLIC_COMMANDS);

/** A command's example with up to three fields set, changed or removed. */
export const mutatedCommand = commandType.chain((type) =>
  fc
    .array(fc.tuple(fieldName, fc.option(nearlyValid, { nil: undefined })), { maxLength: 3 })
    .map((changes) => ({ type, data: mutated(COMMAND_EXAMPLES[type].data, changes) })),
);

/** undefined removes the field. */
export function mutated(
  data: object,
  changes: readonly (readonly [string, unknown])[],
): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...data };
  for (const [field, value] of changes) {
    if (value === undefined) delete copy[field];
    else Object.defineProperty(copy, field, { value, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

export function received(type: string, value: Uint8Array | null, more: Record<string, string> = {}) {
  const headers: Record<string, string> = { ce_specversion: '1.0', ce_id: UUID_TEXT, ce_type: type, ...more };
  return { value, header: (name: string) => (Object.hasOwn(headers, name) ? headers[name] : undefined) };
}
