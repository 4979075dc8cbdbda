import { jsonEvent, type EventData, type JSONRecordedEvent } from '@eventstore/db-client';
import { v5 as uuid5 } from 'uuid';
import { currentVersion, upcast, type InvitationEvent, type StoredData } from '#libs/invitation';

/** Namespace of event ids; any constant would do, and this one may never change. */
const EVENT_IDS = '5c1f2a52-3f0e-5d0b-9f5d-1d8f3f1a6c57';

/**
 * The event as it is stored. Its id follows from its command and its place among the command's events, so an append
 * that is repeated after an unclear answer is the same append (EventStoreDB compares ids at the expected revision).
 */
export function toStored(event: InvitationEvent, ordinal: number): EventData {
  const { type, commandId, ...data } = event;
  return jsonEvent({
    id: uuid5(`${commandId}:${ordinal}`, EVENT_IDS),
    type,
    data,
    metadata: {
      commandId,
      $correlationId: invitationOf(event) ?? commandId,
      $causationId: commandId,
      schemaVersion: currentVersion(type),
    },
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

/** By which everything that belongs to one invitation is found. */
function invitationOf(event: InvitationEvent): string | undefined {
  if (event.type === 'ConnectionRecorded') return event.through;
  return 'invitationId' in event ? event.invitationId : undefined;
}
