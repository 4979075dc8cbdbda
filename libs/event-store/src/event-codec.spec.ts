import { describe, expect, it } from '@jest/globals';
import type { JSONRecordedEvent } from '@eventstore/db-client';
import type { InvitationEvent } from '#libs/invitation';
import {
  accepted,
  connected,
  declined,
  id,
  ignored,
  INVITATION,
  lifted,
  minute,
  reminded,
  replied,
  restricted,
  sent,
  withdrawn,
} from '../../../test/support/story.js';
import { fromStored, toStored, UnknownEvent } from './event-codec.js';

/** What comes back from the event store: data and metadata have been JSON. */
function recorded(event: InvitationEvent, change: Partial<JSONRecordedEvent> = {}): JSONRecordedEvent {
  const { id: eventId, type, data, metadata } = toStored(event, 0);
  return {
    id: eventId,
    type,
    data: JSON.parse(JSON.stringify(data)) as object,
    metadata: fromBytes(metadata),
    streamId: 'account-3f-amal',
    revision: 7n,
    ...change,
  } as unknown as JSONRecordedEvent;
}

const fromBytes = (metadata: unknown) =>
  JSON.parse(new TextDecoder().decode(metadata as Uint8Array)) as object;

/** One of every type, with and without what may be missing. */
const EVENTS: Record<InvitationEvent['type'], InvitationEvent[]> = {
  InvitationSent: [sent(1), sent(1, { message: 'Hi "you"\n🙂 مرحبا' }), sent(2, { supersedes: INVITATION })],
  InvitationAccepted: [accepted(2), accepted(2, 'email')],
  InvitationReplied: [replied(2)],
  InvitationIgnored: [ignored(2)],
  InvitationDeclined: [declined(3)],
  InvitationWithdrawn: [withdrawn(2)],
  AccountRestricted: [restricted(3)],
  AccountRestrictionLifted: [lifted(4)],
  InvitationReminderDue: [reminded(2, 1, minute(9))],
  ConnectionRecorded: [connected(2), connected(2, INVITATION)],
};

describe('stored events', () => {
  it.each(
    Object.values(EVENTS)
      .flat()
      .map((event) => [event.type, event] as const),
  )('come back as they were: %s', (_type, event) => {
    expect(fromStored(recorded(event))).toEqual(event);
  });

  it('have an id that follows from the command and the place among its events, for ever', () => {
    expect(toStored(sent(1), 0).id).toBe('12ef31c6-eda1-5de4-b015-cf0b8323a1da');
    expect(toStored(sent(1, { message: 'decided again, later' }), 0).id).toBe(toStored(sent(1), 0).id);
    const ids = [toStored(declined(3), 0), toStored(restricted(3), 1), toStored(declined(4), 0)];
    expect(new Set(ids.map((event) => event.id)).size).toBe(3);
  });

  it('carry command, correlation and version in their metadata, and the command nowhere else', () => {
    const { data, metadata } = toStored(ignored(2), 0);
    expect(fromBytes(metadata)).toEqual({
      commandId: id(2),
      $correlationId: INVITATION,
      $causationId: id(2),
      schemaVersion: 1,
    });
    expect(data).not.toHaveProperty('commandId');
    expect(data).not.toHaveProperty('type');
  });

  const known = recorded(sent(1));
  it.each<[string, Partial<JSONRecordedEvent>]>([
    ['of a type that is not known', { type: 'InvitationPraised' }],
    ['named like a property of every object', { type: 'constructor' }],
    ['of a newer version', { metadata: { ...(known.metadata as object), schemaVersion: 99 } }],
    ['without a version', { metadata: { commandId: id(1) } }],
    ['without a command', { metadata: { schemaVersion: 1 } }],
    ['without metadata', { metadata: undefined }],
  ])('%s are refused, by their place', (_what, change) => {
    const read = () => fromStored(recorded(sent(1), change));
    expect(read).toThrow(UnknownEvent);
    expect(read).toThrow('7@account-3f-amal');
  });
});
