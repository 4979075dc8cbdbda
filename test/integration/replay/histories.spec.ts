import { describe, expect, it } from '@jest/globals';
import { currentVersion, evolve, initialState, STORED_TYPES } from '#libs/invitation';
import { readRecordedHistory, recordedHistories, replayed } from './recorded-histories.js';

const command = (n: number) => `7d5e1c00-4a3b-4c2d-9e1f-${String(n).padStart(12, '0')}`;
const invitation = (n: number) => `amal.${command(n)}`;
const stranger = { connected: false, blocked: false, emailRequired: false };

/** The state after each recorded history, which never changes; written by hand from the rules. */
const COMES_TO: Record<string, object> = {
  'accepted-before-via-was-told': {
    sent: 1,
    restricted: false,
    closed: false,
    declinedBy: [],
    relations: { bilal: { ...stranger, connected: true, lastSentAt: '2026-01-05T09:00:00.000Z' } },
    invitations: { [invitation(1)]: { status: 'accepted', recipientId: 'bilal' } },
    processedCommandIds: [1, 2, 3].map(command),
  },
  'accepted-from-the-e-mail': {
    sent: 2,
    restricted: false,
    closed: false,
    declinedBy: [],
    relations: {
      bilal: { ...stranger, connected: true, lastSentAt: '2026-03-02T08:15:00.000Z' },
      chiara: { ...stranger, connected: true, lastSentAt: '2026-03-04T10:00:00.000Z' },
    },
    invitations: {
      [invitation(1)]: { status: 'accepted', recipientId: 'bilal' },
      [invitation(4)]: { status: 'accepted', recipientId: 'chiara' },
    },
    processedCommandIds: [1, 2, 3, 4, 5].map(command),
  },
  'restricted-and-lifted': {
    sent: 2,
    restricted: false,
    closed: false,
    declinedBy: [],
    relations: {
      bilal: { ...stranger, blocked: true, open: invitation(1), lastSentAt: '2026-02-01T09:00:00.000Z' },
      dalia: { ...stranger, blocked: true, emailRequired: true, lastSentAt: '2026-02-02T09:00:00.000Z' },
    },
    invitations: {
      [invitation(1)]: { status: 'declined', recipientId: 'bilal' },
      [invitation(4)]: { status: 'withdrawn', recipientId: 'dalia' },
    },
    processedCommandIds: [1, 2, 3, 4, 5, 6, 7, 8].map(command),
  },
  'followed-up-and-withdrawn': {
    sent: 3,
    restricted: false,
    closed: false,
    declinedBy: [],
    relations: {
      emre: { ...stranger, emailRequired: true, lastSentAt: '2026-04-20T09:00:00.000Z' },
      bilal: { ...stranger, open: invitation(5), lastSentAt: '2026-05-02T09:00:00.000Z' },
    },
    invitations: {
      [invitation(1)]: { status: 'superseded', recipientId: 'emre' },
      [invitation(3)]: { status: 'withdrawn', recipientId: 'emre' },
      [invitation(5)]: {
        status: 'untouched',
        recipientId: 'bilal',
        sentAt: '2026-05-02T09:00:00.000Z',
        reminded: 0,
      },
    },
    processedCommandIds: [1, 2, 3, 4, 5].map(command),
  },
  'connected-the-other-way-round': {
    sent: 1,
    restricted: false,
    closed: false,
    declinedBy: [],
    relations: {
      bilal: { ...stranger, connected: true, lastSentAt: '2026-06-01T09:00:00.000Z' },
      chiara: { ...stranger, connected: true },
    },
    invitations: { [invitation(1)]: { status: 'superseded', recipientId: 'bilal' } },
    processedCommandIds: [1, 2, 3].map(command),
  },
  'restored-expired-and-closed': {
    sent: 3,
    restricted: false,
    closed: true,
    declinedBy: [],
    relations: {
      bilal: { ...stranger, lastSentAt: '2026-07-01T09:00:00.000Z' },
      chiara: { ...stranger, ended: true, lastSentAt: '2026-12-29T09:00:00.000Z' },
      dalia: { ...stranger, lastSentAt: '2026-12-31T09:00:00.000Z' },
    },
    invitations: {
      [invitation(1)]: { status: 'expired', recipientId: 'bilal' },
      [invitation(6)]: { status: 'accepted', recipientId: 'chiara' },
      [invitation(8)]: { status: 'closed', recipientId: 'dalia' },
    },
    processedCommandIds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(command),
  },
};

describe('recorded histories', () => {
  it.each(recordedHistories)('fold to the recorded state: %s', (name) => {
    const account = replayed(name).reduce(evolve, initialState());
    expect({
      ...account,
      declinedBy: [...account.declinedBy],
      relations: Object.fromEntries(account.relations),
      invitations: Object.fromEntries(account.invitations),
      processedCommandIds: [...account.processedCommandIds],
    }).toEqual(COMES_TO[name]);
  });

  it('cover every file of recorded histories', () => {
    expect([...recordedHistories].toSorted()).toEqual(Object.keys(COMES_TO).toSorted());
  });

  it('complete an acceptance of version 1 with the site', () => {
    expect(replayed('accepted-before-via-was-told').at(-1)).toEqual({
      type: 'InvitationAccepted',
      commandId: command(3),
      invitationId: invitation(1),
      inviterId: 'amal',
      recipientId: 'bilal',
      at: '2026-01-12T18:30:12.071Z',
      via: 'site',
    });
  });

  it('leave data of the current version as it was stored', () => {
    for (const name of recordedHistories) {
      const events = replayed(name);
      readRecordedHistory(name).forEach(({ type, schemaVersion, data, metadata }, index) => {
        expect(metadata.schemaVersion).toBe(schemaVersion);
        if (schemaVersion !== currentVersion(events[index]!.type)) return;
        const { commandId } = metadata;
        expect(events[index]).toEqual({ ...data, type, commandId });
      });
    }
  });

  it('contain every version of every type that this code knows', () => {
    const inCode = STORED_TYPES.flatMap((type) =>
      Array.from({ length: currentVersion(type) }, (_, before) => `${type} ${before + 1}`),
    );
    const inHistories = recordedHistories.flatMap((name) =>
      readRecordedHistory(name).map(({ type, schemaVersion }) => `${type} ${schemaVersion}`),
    );
    expect([...new Set(inHistories)].toSorted()).toEqual(inCode.toSorted());
  });
});
