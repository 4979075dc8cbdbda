import { toStored } from '#libs/event-store';
import { currentVersion, STORED_TYPES, type InvitationEvent } from '#libs/invitation';
import { aligned } from '../aligned.js';
import { declaredEvents, type DeclaredEvent } from './declared-events.js';
import { exampleEvents } from './example-events.js';

/** Of the types of fields that are names for texts. */
const TYPES: Readonly<Record<string, string>> = {
  CommandId: 'UUID',
  Instant: 'instant, ISO 8601 in UTC',
  InvitationId: 'invitation id',
  MemberId: 'member id',
  string: 'text',
  number: 'whole number',
};

/** Written by hand, for a version that is no longer written has no type of its own in the code. */
const EARLIER: Readonly<Record<string, string>> = {
  InvitationAccepted: 'Version 1 did not promise `via`; where it is absent, it reads as `site`.',
};

/** Every stored event, from the code: its type, version, fields, what they mean, and an example as it is stored. */
export function catalogue(): string {
  const examples = exampleEvents();
  const declared = new Map(declaredEvents().map((event) => [event.name, event]));
  return STORED_TYPES.map((type) => section(declared.get(type)!, examples.get(type)!)).join('\n\n');
}

function section({ name, meaning, fields }: DeclaredEvent, example: InvitationEvent): string {
  const version = currentVersion(example.type);
  if (version > 1 && EARLIER[name] === undefined)
    throw new Error(`say how ${name} was before version ${version}`);
  // The command is in the metadata of what is stored.
  const stored = toStored(example, 0);
  const metadata: unknown = JSON.parse(Buffer.from(stored.metadata as Uint8Array).toString());
  const rows = fields.map((field) => [
    `\`${columnOf(field.name)}\``,
    field.name === 'commandId' ? 'metadata `commandId`' : `\`${field.name}\``,
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

/** The one that has another name in the tables, where `at` is a keyword. */
const RENAMED: Readonly<Record<string, string>> = { at: 'happened_at' };

export const columnOf = (field: string): string =>
  RENAMED[field] ?? field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const typeInWords = (type: string): string =>
  TYPES[type] ??
  type
    .split(' | ')
    .map((one) => `\`${one.replaceAll("'", '')}\``)
    .join(' or ');
