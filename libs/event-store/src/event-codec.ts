import { jsonEvent, type EventData, type JSONRecordedEvent } from '@eventstore/db-client';
import { currentVersion, upcast, type InvitationEvent, type StoredData } from '#libs/invitation';
import { eventId } from './event-id.js';

const utf8 = new TextEncoder();

/**
 * The event as it is stored. Its id follows from its command and its place among the command's events, so an append
 * that is repeated after an unclear answer is the same append (EventStoreDB compares ids at the expected revision).
 * @param traceparent of the step that appends it, where traces are kept
 */
export function toStored(event: InvitationEvent, ordinal: number, traceparent?: string): EventData {
  const { type, commandId, ...data } = event;
  return jsonEvent({
    id: eventId(commandId, ordinal),
    type,
    data,
    metadata: json({
      commandId,
      $correlationId: correlationOf(event),
      $causationId: commandId,
      schemaVersion: currentVersion(type),
      ...(traceparent === undefined ? {} : { traceparent }),
    }),
  });
}

/** A stored event whose meaning this version does not know: a newer writer, or no event of ours. */
export class UnknownEvent extends Error {}

/**
 * The event in today's form, whatever version it was stored in.
 * @throws UnknownEvent
 */
export function fromStored({ streamId, revision, type, data, metadata }: JSONRecordedEvent): InvitationEvent {
  const { commandId, schemaVersion } = (metadata ?? {}) as { commandId?: unknown; schemaVersion?: unknown };
  const today = upcast(type, schemaVersion, data as StoredData);
  if (today === undefined || typeof commandId !== 'string') {
    throw new UnknownEvent(
      `${revision}@${streamId}: ${type} of version ${String(schemaVersion)} is not known here`,
    );
  }
  return { ...today, type, commandId } as unknown as InvitationEvent;
}

/** What the client is given as an object it encodes as base64, and decodes twice, which costs more than all else here. */
const json = (value: object): Uint8Array => utf8.encode(JSON.stringify(value));

/** By which everything that belongs to one invitation is found; what belongs to none has its command's id. */
export function correlationOf(event: InvitationEvent): string {
  if (event.type === 'ConnectionRecorded') return event.through;
  return 'invitationId' in event ? event.invitationId : event.commandId;
}
