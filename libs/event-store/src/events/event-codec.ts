import { hash } from 'node:crypto';
import { jsonEvent, type EventData } from '@eventstore/db-client';
import { currentVersion, findMalformedField, upcast, type InvitationEvent } from '#libs/invitation';
import { streamOf, UnknownEventError, type LogPosition, type RawEvent } from './raw-event.js';

const utf8 = new TextEncoder();

/**
 * Encodes an event for an append. Its id is derived from its account, its command and its ordinal among the command's
 * events, so EventStoreDB recognises an append that is repeated after an unclear response.
 * @param ordinal 0 for the first event of the command
 * @param traceparent of the span that appends it, if tracing is on
 * @param seal encrypts the event's text; without it, an event that may have a text is written in the version before encryption
 */
export function encodeEvent(
  event: InvitationEvent,
  ordinal: number,
  traceparent?: string,
  seal?: SealText,
): EventData {
  const { type, commandId } = event;
  const accountId = accountIdOf(event);
  const id = eventId(accountId, commandId, ordinal);
  const isPlain = seal === undefined && mayHaveText(event);
  return jsonEvent({
    id,
    type,
    data:
      seal !== undefined && mayHaveText(event)
        ? withSealedText(event, id, accountId, seal)
        : withoutCommand(event),
    metadata: encodeJson({
      commandId,
      $correlationId: correlationIdOf(event),
      $causationId: commandId,
      schemaVersion: isPlain ? PLAIN_VERSION : currentVersion(type),
      ...(traceparent === undefined ? {} : { traceparent }),
    }),
  });
}

/** The last version of the events with a text in which that text is stored as it is. */
const PLAIN_VERSION = 1;

function withoutCommand({ type: _type, commandId: _commandId, ...data }: InvitationEvent) {
  return data;
}

/** The data of an event with its text encrypted. */
export function withSealedText(event: EventWithText, eventId: string, accountId: string, seal: SealText) {
  const { type: _type, commandId: _commandId, message, ...data } = event;
  if (message === undefined) return data;
  const context = {
    authorId: authorOf(event),
    streamId: streamOf(accountId),
    eventId,
    field: 'message',
  } as const;
  return { ...data, sealedMessage: message === null ? null : seal(message, context) };
}

/** The client turns an object into base64 and decodes that twice, which costs more than everything else here. */
const encodeJson = (value: object): Uint8Array => utf8.encode(JSON.stringify(value));

/** The account whose stream holds the event. */
const accountIdOf = (event: InvitationEvent): string =>
  'accountId' in event ? event.accountId : event.inviterId;

/** The id that everything about one invitation shares; the command's id for an event that is not about an invitation. */
export function correlationIdOf(event: InvitationEvent): string {
  if (event.type === 'ConnectionRecorded') return event.through;
  return 'invitationId' in event ? event.invitationId : event.commandId;
}

/** Namespace of the event ids. It may never change. */
const EVENT_IDS = Buffer.from('5c1f2a523f0e5d0b9f5d1d8f3f1a6c57', 'hex');

/**
 * The id of a command's event: a UUID of version 5 (RFC 9562). It is computed with one call of the hash, because every append
 * needs one.
 *
 * The account is part of it, so two accounts that one command id was used on never share an event id. Events of earlier
 * versions, whose ids were derived from the command alone, keep them: the id of a stored event is never computed again. When
 * this version repeats an append of an earlier one, the append conflicts, and the command is recognised in the stream.
 */
export function eventId(accountId: string, commandId: string, ordinal: number): string {
  const name = Buffer.from(`${accountId}:${commandId}:${ordinal}`);
  const digest = hash('sha1', Buffer.concat([EVENT_IDS, name]), 'buffer');
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A decoded event of an account. */
export interface StoredEvent {
  readonly id: string;
  readonly event: InvitationEvent;
  readonly position: LogPosition;
  /** Of the span that appended it, if tracing was on. */
  readonly traceparent?: string;
}

/** @throws UnknownEventError */
export function decodeEvent(raw: RawEvent): StoredEvent {
  const { id, position, metadata } = raw;
  const event = decodeInvitationEvent(raw);
  const { traceparent } = metadata as { traceparent?: unknown };
  return typeof traceparent === 'string' ? { id, event, position, traceparent } : { id, event, position };
}

/**
 * Decodes an event, upcast to the current version of its type. An encrypted text that was not decrypted before is null.
 * @throws UnknownEventError, and nothing else, whatever is stored
 */
export function decodeInvitationEvent({
  streamId,
  revision,
  type,
  data,
  metadata,
  text = null,
}: Pick<RawEvent, 'streamId' | 'revision' | 'type' | 'data' | 'metadata' | 'text'>): InvitationEvent {
  const unknown = (why: string) =>
    new UnknownEventError(`${revision}@${streamId}: ${describeType(type)} ${why}`);
  if (!isObject(data)) throw unknown('has no data that is a JSON object');
  const { commandId, schemaVersion } = isObject(metadata) ? metadata : {};
  const current = upcast(type, schemaVersion, 'sealedMessage' in data ? withMessage(data, text) : data);
  if (current === undefined) throw unknown(`of version ${describeVersion(schemaVersion)} is not known here`);
  if (typeof commandId !== 'string') throw unknown('does not name its command');
  const malformed = findMalformedField(type as InvitationEvent['type'], current);
  if (malformed !== undefined) throw unknown(`has no usable ${malformed}`);
  return { ...current, type, commandId } as unknown as InvitationEvent;
}

const withMessage = (
  { sealedMessage: _sealed, ...data }: Readonly<Record<string, unknown>>,
  message: string | null,
): Readonly<Record<string, unknown>> => ({ ...data, message });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** Safe for logs, tables and headers, whatever name another application chose. */
const describeType = (type: string): string =>
  /^[\w.$-]{1,80}$/.test(type) ? type : `an event whose type has ${type.length} characters`;

const describeVersion = (version: unknown): string =>
  typeof version === 'number' ? String(version) : typeof version;

/*
 * A message or a reply is encrypted with a key of its author. The stored event then has `sealedMessage` instead of `message`:
 * the ciphertext, or null if the author was erased already when the event was appended. This library knows where a text is; the
 * keys are those of libs/author-keys (docs/adr/0020).
 */

/** Which text of which event: a ciphertext is bound to it. */
export interface TextContext {
  readonly authorId: string;
  readonly streamId: string;
  readonly eventId: string;
  readonly field: 'message';
}

/** Encrypts a text; null if its author was erased. */
export type SealText = (text: string, context: TextContext) => string | null;

/** Loads the keys of authors, for an append. */
export interface TextSealer {
  /** @returns what encrypts texts of these authors, and of no others */
  load(authorIds: readonly string[]): Promise<SealText>;
}

/** The types of events that have a text. */
export type EventWithText = Extract<InvitationEvent, { type: 'InvitationSent' | 'InvitationReplied' }>;

export const mayHaveText = (event: InvitationEvent): event is EventWithText =>
  event.type === 'InvitationSent' || event.type === 'InvitationReplied';

/** The member who wrote the text of an event: the inviter a message, the recipient a reply. */
export const authorOf = (event: EventWithText): string =>
  event.type === 'InvitationSent' ? event.inviterId : event.recipientId;

/** The authors of the texts of events, each once. */
export function authorsOf(events: readonly InvitationEvent[]): string[] {
  const authors = new Set<string>();
  for (const event of events)
    if (mayHaveText(event) && typeof event.message === 'string') authors.add(authorOf(event));
  return [...authors];
}

/** An encrypted text of a stored event. */
interface SealedText {
  /** Null if there is nothing left to decrypt. */
  readonly sealed: string | null;
  readonly context: TextContext;
}

const AUTHOR_FIELDS: ReadonlyMap<string, string> = new Map([
  ['InvitationSent', 'inviterId'],
  ['InvitationReplied', 'recipientId'],
]);

/** @returns the encrypted text of an event that is not decoded; undefined if it has none, or is malformed */
export function sealedTextOf({ id, type, streamId, data }: RawEvent): SealedText | undefined {
  const authorField = AUTHOR_FIELDS.get(type);
  if (authorField === undefined || typeof data !== 'object' || data === null) return undefined;
  const { sealedMessage: sealed, [authorField]: authorId } = data as Readonly<Record<string, unknown>>;
  if ((typeof sealed !== 'string' && sealed !== null) || typeof authorId !== 'string') return undefined;
  return { sealed, context: { authorId, streamId, eventId: id, field: 'message' } };
}

/** @returns the event with its decrypted text, which `decodeEvent` then takes; null if it cannot be read */
export const withText = (event: RawEvent, text: string | null): RawEvent => ({ ...event, text });
