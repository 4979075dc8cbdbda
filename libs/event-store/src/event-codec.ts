import { jsonEvent, type EventData, type JSONRecordedEvent } from '@eventstore/db-client';
import { v5 as uuid5 } from 'uuid';
import type { InvitationEvent } from '#libs/invitation';

/** Namespace of event ids; any constant would do, and this one may never change. */
const EVENT_IDS = '5c1f2a52-3f0e-5d0b-9f5d-1d8f3f1a6c57';

/** The version in which events are written. Older ones are upcast when they are read. */
const SCHEMA_VERSION = 1;

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
      $correlationId: 'invitationId' in event ? event.invitationId : commandId,
      $causationId: commandId,
      schemaVersion: SCHEMA_VERSION,
    },
  });
}

/** A stored event whose meaning this version does not know: a newer writer, or no event of ours. */
export class UnknownEvent extends Error {}

const KNOWN: ReadonlySet<string> = new Set<InvitationEvent['type']>([
  'InvitationSent',
  'InvitationAccepted',
  'InvitationReplied',
  'InvitationIgnored',
  'InvitationDeclined',
  'InvitationWithdrawn',
  'AccountRestricted',
  'AccountRestrictionLifted',
]);

/**
 * @throws UnknownEvent
 */
export function fromStored({ streamId, revision, type, data, metadata }: JSONRecordedEvent): InvitationEvent {
  const { commandId, schemaVersion } = metadata as { commandId?: unknown; schemaVersion?: unknown };
  if (!KNOWN.has(type) || schemaVersion !== SCHEMA_VERSION || typeof commandId !== 'string') {
    throw new UnknownEvent(
      `${revision}@${streamId}: ${type} of version ${String(schemaVersion)} is not known here`,
    );
  }
  return { ...(data as object), type, commandId } as InvitationEvent;
}
