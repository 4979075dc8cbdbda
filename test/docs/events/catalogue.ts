import { encodeEvent } from '#libs/event-store';
import { currentVersion, STORED_TYPES, type InvitationEvent } from '#libs/invitation';
import { aligned } from '../aligned.js';
import { declaredEvents, type DeclaredEvent } from './declared-events.js';
import { exampleEvents } from './example-events.js';

/** Names of field types for readers. */
const TYPES: Readonly<Record<string, string>> = {
  CommandId: 'UUID',
  Instant: 'instant, ISO 8601 in UTC',
  InvitationId: 'invitation id',
  MemberId: 'member id',
  string: 'text',
  'string | null': 'text, or null if it cannot be read',
  number: 'whole number',
};

/** Descriptions of earlier versions, for which the code has no types. */
const PLAIN =
  'In version 1, `message` is stored as it is. In version 2 it is stored in `sealedMessage`, encrypted with a key of its author.';

const EARLIER: Readonly<Record<string, string>> = {
  InvitationSent: PLAIN,
  InvitationReplied: PLAIN,
  InvitationAccepted: 'In version 1, `via` may be absent; an absent `via` is read as `site`.',
};

/** Describes every stored event: its type, version and fields with their meanings, and an example as it is stored. */
export function catalogue(): string {
  const examples = exampleEvents();
  const declared = new Map(declaredEvents().map((event) => [event.name, event]));
  return STORED_TYPES.map((type) => section(declared.get(type)!, examples.get(type)!)).join('\n\n');
}

/** Where a field is stored, if not under its name. */
const STORED_AS: Readonly<Record<string, string>> = {
  commandId: 'metadata `commandId`',
  message: '`sealedMessage`',
};

function section({ name, meaning, fields }: DeclaredEvent, example: InvitationEvent): string {
  const version = currentVersion(example.type);
  if (version > 1 && EARLIER[name] === undefined)
    throw new Error(`EARLIER lacks a description of ${name} before version ${version}`);
  // The command id is stored in the metadata.
  const stored = encodeEvent(example, 0, undefined, () => 'a ciphertext in base64url');
  const metadata: unknown = JSON.parse(Buffer.from(stored.metadata as Uint8Array).toString());
  const rows = fields.map((field) => [
    `\`${columnOf(field.name)}\``,
    STORED_AS[field.name] ?? `\`${field.name}\``,
    `${typeInWords(field.type)}${field.isOptional ? ', may be absent' : ''}`,
    field.meaning,
  ]);
  return [
    `### ${name}`,
    [`Version ${version}. ${meaning}`, EARLIER[name]].filter((text) => text !== undefined).join(' '),
    aligned([['column', 'stored as', 'type', 'meaning'], ...rows]),
    [
      '```json',
      JSON.stringify({ id: stored.id, type: name, data: stored.data, metadata }, null, 2),
      '```',
    ].join('\n'),
  ].join('\n\n');
}

/** `at` has another name in the tables, because it is a keyword of SQL. */
const RENAMED: Readonly<Record<string, string>> = { at: 'happened_at' };

export const columnOf = (field: string): string =>
  RENAMED[field] ?? field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const typeInWords = (type: string): string =>
  TYPES[type] ??
  type
    .split(' | ')
    .map((one) => `\`${one.replaceAll("'", '')}\``)
    .join(' or ');
