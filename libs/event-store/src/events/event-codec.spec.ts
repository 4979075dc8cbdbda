import { describe, expect, it } from '@jest/globals';
import type { JSONRecordedEvent } from '@eventstore/db-client';
import { v5 as uuid5 } from 'uuid';
import type { InvitationEvent } from '#libs/invitation';
import {
  accepted,
  accountClosed,
  AMAL,
  BILAL,
  closed,
  connected,
  declined,
  ended,
  expired,
  id,
  ignored,
  INVITATION,
  lifted,
  minute,
  reminded,
  replied,
  restored,
  restricted,
  sent,
  withdrawn,
} from '../../../../test/support/story.js';
import { decodeInvitationEvent, encodeEvent, eventId } from './event-codec.js';
import { UnknownEventError } from './raw-event.js';

/** What comes back from the event store: data and metadata have been JSON. */
function recorded(event: InvitationEvent, change: Partial<JSONRecordedEvent> = {}): JSONRecordedEvent {
  const { id: storedId, type, data, metadata } = encodeEvent(event, 0);
  return {
    id: storedId,
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
  InvitationRestored: [restored(3)],
  InvitationDeclined: [declined(3)],
  InvitationWithdrawn: [withdrawn(2)],
  AccountRestricted: [restricted(3)],
  AccountRestrictionLifted: [lifted(4)],
  InvitationExpired: [expired(2)],
  InvitationClosed: [closed(2)],
  AccountClosed: [accountClosed(2)],
  ConnectionEnded: [ended(2)],
  InvitationReminderDue: [reminded(2, 1, minute(9))],
  ConnectionRecorded: [connected(2), connected(2, INVITATION)],
};

describe('encodeEvent and decodeInvitationEvent', () => {
  it.each(
    Object.values(EVENTS)
      .flat()
      .map((event) => [event.type, event] as const),
  )('decode %s to the event that was encoded', (_type, event) => {
    expect(decodeInvitationEvent(recorded(event))).toEqual(event);
  });

  it('derive an id that never changes from the account, the command and the ordinal', () => {
    expect(encodeEvent(sent(1), 0).id).toBe('58626d1f-adce-5f02-af3e-8a1bc7191807');
    expect(encodeEvent(sent(1, { message: 'decided again, later' }), 0).id).toBe(encodeEvent(sent(1), 0).id);
    const ids = [encodeEvent(declined(3), 0), encodeEvent(restricted(3), 1), encodeEvent(declined(4), 0)];
    expect(new Set(ids.map((event) => event.id)).size).toBe(3);
  });

  it('store command, correlation and version in the metadata only', () => {
    const { data, metadata } = encodeEvent(ignored(2), 0);
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
  const metadata = known.metadata as object;
  const data = known.data as object;
  it.each<[string, object]>([
    ['of an unknown type', { type: 'InvitationPraised' }],
    ['named like a property of every object', { type: 'constructor' }],
    ['of a newer version', { metadata: { ...metadata, schemaVersion: 99 } }],
    ['without a version', { metadata: { commandId: id(1) } }],
    ['without a command', { metadata: { schemaVersion: 1 } }],
    ['without metadata', { metadata: undefined }],
    ['with metadata that are not an object', { metadata: [] }],
    ['with metadata that are not JSON', { metadata: Buffer.from('{') }],
    [
      'with a version that cannot be written',
      { metadata: { commandId: id(1), schemaVersion: { toString: 1 } } },
    ],
    ['with a type of control characters', { type: 'Invitation\u0000\u001b[2J' }],
    ['with data that are null', { data: null }],
    ['with data that are a text', { data: '{"at":' }],
    ['with data that are a list', { data: [data] }],
    ['with data that are not JSON', { data: Buffer.from([0xff, 0]) }],
    ['of version 1 with data that are null', { type: 'InvitationAccepted', data: null }],
    ['without a field', { data: { ...data, inviterId: undefined } }],
    ['with a field of another kind', { data: { ...data, message: { text: 'hi' } } }],
    ['with an invalid time', { data: { ...data, at: 'yesterday' } }],
  ])('reject events %s, and name their stream and revision', (_what, change) => {
    const read = () => decodeInvitationEvent(recorded(sent(1), change));
    expect(read).toThrow(UnknownEventError);
    expect(read).toThrow(/^7@account-3f-amal: [ -~]{1,120}$/);
  });

  const changed = (event: InvitationEvent, change: object) => ({ ...event, ...change }) as InvitationEvent;
  it.each([
    ['a reminder without a usable ordinal', changed(reminded(2, 1, minute(9)), { ordinal: 2 ** 31 })],
    ['a reminder without a usable end', changed(reminded(2, 1, minute(9)), { validUntil: '' })],
    ['an acceptance through an unknown channel', changed(accepted(2), { via: 'pigeon' })],
  ])('reject %s', (_what, event: InvitationEvent) => {
    expect(() => decodeInvitationEvent(recorded(event))).toThrow(UnknownEventError);
  });
});

describe('eventId', () => {
  const NAMESPACE = '5c1f2a52-3f0e-5d0b-9f5d-1d8f3f1a6c57';

  it('always returns the same UUID of version 5 for an account, a command and an ordinal', () => {
    expect(eventId(AMAL, id(1), 0)).toBe(uuid5(`amal:${id(1)}:0`, NAMESPACE));
    for (let n = 0; n < 500; n += 1)
      expect(eventId(BILAL, id(n), n % 7)).toBe(uuid5(`bilal:${id(n)}:${n % 7}`, NAMESPACE));
  });

  it('returns different ids for two accounts on which one command id was used (D10)', () => {
    expect(eventId(AMAL, id(1), 0)).not.toBe(eventId(BILAL, id(1), 0));
  });
});
