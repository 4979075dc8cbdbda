import { hash } from 'node:crypto';
import { jsonEvent, type EventData } from '@eventstore/db-client';
import { currentVersion, findMalformedField, upcast, type InvitationEvent } from '#libs/invitation';
import type { LogPosition, RawEvent } from './raw-event.js';

const utf8 = new TextEncoder();

/**
 * Encodes an event for an append. Its id is derived from its account, its command and its ordinal among the command's
 * events, so EventStoreDB recognises an append that is repeated after an unclear response.
 * @param ordinal 0 for the first event of the command
 * @param traceparent of the span that appends it, if tracing is on
 */
export function encodeEvent(event: InvitationEvent, ordinal: number, traceparent?: string): EventData {
  const { type, commandId, ...data } = event;
  return jsonEvent({
    id: eventId(accountIdOf(event), commandId, ordinal),
    type,
    data,
    metadata: encodeJson({
      commandId,
      $correlationId: correlationIdOf(event),
      $causationId: commandId,
      schemaVersion: currentVersion(type),
      ...(traceparent === undefined ? {} : { traceparent }),
    }),
  });
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

/** An event that this version cannot decode: a newer version wrote it, or another application. The message names no values. */
export class UnknownEventError extends Error {}

/** @throws UnknownEventError */
export function decodeEvent(raw: RawEvent): StoredEvent {
  const { id, position, metadata } = raw;
  const event = decodeInvitationEvent(raw);
  const { traceparent } = metadata as { traceparent?: unknown };
  return typeof traceparent === 'string' ? { id, event, position, traceparent } : { id, event, position };
}

/**
 * Decodes an event, upcast to the current version of its type.
 * @throws UnknownEventError, and nothing else, whatever is stored
 */
export function decodeInvitationEvent({
  streamId,
  revision,
  type,
  data,
  metadata,
}: Pick<RawEvent, 'streamId' | 'revision' | 'type' | 'data' | 'metadata'>): InvitationEvent {
  const unknown = (why: string) =>
    new UnknownEventError(`${revision}@${streamId}: ${describeType(type)} ${why}`);
  if (!isObject(data)) throw unknown('has no data that is a JSON object');
  const { commandId, schemaVersion } = isObject(metadata) ? metadata : {};
  const current = upcast(type, schemaVersion, data);
  if (current === undefined) throw unknown(`of version ${describeVersion(schemaVersion)} is not known here`);
  if (typeof commandId !== 'string') throw unknown('does not name its command');
  const malformed = findMalformedField(type as InvitationEvent['type'], current);
  if (malformed !== undefined) throw unknown(`has no usable ${malformed}`);
  return { ...current, type, commandId } as unknown as InvitationEvent;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** Safe for logs, tables and headers, whatever name another application chose. */
const describeType = (type: string): string =>
  /^[\w.$-]{1,80}$/.test(type) ? type : `an event whose type has ${type.length} characters`;

const describeVersion = (version: unknown): string =>
  typeof version === 'number' ? String(version) : typeof version;
