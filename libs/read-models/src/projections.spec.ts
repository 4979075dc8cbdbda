import { describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import { rowsAfter } from '../../../test/support/rows.js';
import {
  accepted,
  AMAL,
  BILAL,
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
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from './index.js';

const FOLLOW_UP = `${AMAL}.${id(5)}`;

/** What the three lists show after a history, and after each of its events was delivered twice. */
function lists(...history: InvitationEvent[]) {
  const shown = (events: InvitationEvent[]) => ({
    inbox: [...rowsAfter(inboxProjection, events).keys()],
    archive: [...rowsAfter(archiveProjection, events).values()]
      .filter((row) => row.ignored)
      .map((row) => row.invitation_id),
    sent: Object.fromEntries(
      [...rowsAfter(sentProjection, events)].map(([key, { status }]) => [key, status]),
    ),
  });
  const once = shown(history);
  expect(shown(history.flatMap((event) => [event, event]))).toEqual(once);
  return once;
}

it.each([inboxProjection, archiveProjection, sentProjection, remindersProjection])(
  '$name ignores the previous row only for events that do not depend on it',
  (listed) => {
    const projection = listed as RowProjection<InvitationEvent, object>;
    const before = rowsAfter(projection, [sent(1)]).get(INVITATION);
    for (const event of [sent(1), sent(5, { supersedes: INVITATION })]) {
      expect(projection.ignoresPreviousRow!(event)).toBe(true);
      const [after, anew] = [before, undefined].map((row) => projection.fold(row, event, INVITATION));
      expect(after).toEqual(anew);
    }
    for (const event of [accepted(2), replied(2), ignored(2), withdrawn(2), reminded(2, 1, minute(9))])
      expect(projection.ignoresPreviousRow!(event)).toBe(false);
  },
);

describe('inbox, archive and sent projections', () => {
  it.each<[string, InvitationEvent[], { inbox: string[]; archive: string[]; sent: object }]>([
    ['sent (R9)', [], { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } }],
    ['accepted (R10)', [accepted(2)], { inbox: [], archive: [], sent: { [INVITATION]: 'accepted' } }],
    [
      'replied to (R16)',
      [replied(2)],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'replied' } },
    ],
    [
      'ignored (R19, R20)',
      [ignored(2)],
      { inbox: [], archive: [INVITATION], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'accepted from the archive (D5)',
      [ignored(2), accepted(3)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'accepted' } },
    ],
    [
      'replied to from the archive (D5)',
      [ignored(2), replied(3)],
      { inbox: [], archive: [INVITATION], sent: { [INVITATION]: 'replied' } },
    ],
    [
      'declined (R30)',
      [ignored(2), declined(3), restricted(3)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    ['withdrawn (R32)', [withdrawn(2)], { inbox: [], archive: [], sent: { [INVITATION]: 'withdrawn' } }],
    [
      'withdrawn from the archive (R32)',
      [ignored(2), withdrawn(3)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'withdrawn' } },
    ],
    [
      'closed by a connection in the other direction (D8)',
      [connected(3, INVITATION)],
      { inbox: [], archive: [], sent: {} },
    ],
    [
      'reminded of (R6)',
      [reminded(2, 1, minute(9))],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'superseded while untouched (D2)',
      [sent(5, { supersedes: INVITATION })],
      { inbox: [FOLLOW_UP], archive: [], sent: { [FOLLOW_UP]: 'pending' } },
    ],
    [
      'superseded while ignored (D2)',
      [ignored(2), sent(5, { supersedes: INVITATION })],
      { inbox: [FOLLOW_UP], archive: [], sent: { [FOLLOW_UP]: 'pending' } },
    ],
  ])('list an invitation that is %s', (_what, since, expected) => {
    expect(lists(sent(1), ...since)).toEqual(expected);
  });

  it('give the inviter the same row for an untouched, an ignored and a declined invitation (D1)', () => {
    const untouched = rowsAfter(sentProjection, [sent(1, { message: 'Hi' })]);
    expect(rowsAfter(sentProjection, [sent(1, { message: 'Hi' }), ignored(2)])).toEqual(untouched);
    expect(rowsAfter(sentProjection, [sent(1, { message: 'Hi' }), ignored(2), declined(3)])).toEqual(
      untouched,
    );
  });

  it('keep the reply for the inviter, whatever follows it (D17, D18)', () => {
    const row = (...since: InvitationEvent[]) =>
      rowsAfter(sentProjection, [sent(1), ...since]).get(INVITATION)!;
    expect(row()).toMatchObject({ reply: null, replied_at: null });
    const reply = { reply: 'Who are you?', replied_at: minute(2) };
    expect(row(replied(2))).toMatchObject({ status: 'replied', ...reply });
    for (const silent of [[ignored(3)], [ignored(3), declined(4)]])
      expect(row(replied(2), ...silent)).toEqual(row(replied(2)));
    expect(row(replied(2), accepted(3))).toMatchObject({ status: 'accepted', ...reply });
    expect(row(replied(2), ignored(3), withdrawn(4))).toMatchObject({ status: 'withdrawn', ...reply });
  });

  it('store the members, the message and the time', () => {
    expect(rowsAfter(inboxProjection, [sent(1, { message: 'Hi' })]).get(INVITATION)).toEqual({
      invitation_id: INVITATION,
      inviter_id: AMAL,
      recipient_id: BILAL,
      message: 'Hi',
      sent_at: minute(1),
    });
  });
});

describe('connections projection', () => {
  const rows = (...history: InvitationEvent[]) => [...rowsAfter(connectionsProjection, history).values()];

  it("stores each account's own side of a connection, once (R10, D8)", () => {
    const side = { pair: `${AMAL} ${BILAL}`, member_id: AMAL, other_id: BILAL };
    expect(rows(sent(1), accepted(2))).toEqual([{ ...side, since: minute(2) }]);
    expect(rows(connected(3))).toEqual([{ ...side, since: minute(3) }]);
    expect(rows(sent(1), accepted(2), accepted(4))).toEqual([{ ...side, since: minute(2) }]);
    expect(rows(sent(1), replied(2), ignored(3))).toEqual([]);
  });
});

describe('account restriction projection', () => {
  const rows = (...history: InvitationEvent[]) => [
    ...rowsAfter(accountRestrictionProjection, history).values(),
  ];

  it('turns a restriction on, then off (R26, D7)', () => {
    expect(rows(sent(1), ignored(2), declined(3))).toEqual([]);
    expect(rows(restricted(3))).toEqual([{ account_id: AMAL, restricted: true, since: minute(3) }]);
    expect(rows(restricted(3), lifted(4))).toEqual([
      { account_id: AMAL, restricted: false, since: minute(4) },
    ]);
  });
});

/** The rows after a history, and after each of its events was delivered twice. */
function reminderRows(...history: InvitationEvent[]) {
  const once = [...rowsAfter(remindersProjection, history).values()];
  expect([
    ...rowsAfter(
      remindersProjection,
      history.flatMap((event) => [event, event]),
    ).values(),
  ]).toEqual(once);
  return once;
}

const pending = { invitation_id: INVITATION, sent_at: minute(1), reminded: 0 };

describe('reminders projection', () => {
  it('adds sent invitations (R6)', () => {
    expect(reminderRows(sent(1))).toEqual([pending]);
    expect(reminderRows(sent(1), sent(2, { recipientId: 'chiara' }))).toHaveLength(2);
  });

  it('stores the last ordinal (D6)', () => {
    expect(reminderRows(sent(1), reminded(2, 1, minute(9)))).toEqual([{ ...pending, reminded: 1 }]);
    expect(reminderRows(sent(1), reminded(2, 1, minute(9)), reminded(8, 3, minute(99)))).toEqual([
      { ...pending, reminded: 3 },
    ]);
  });

  it.each<[string, InvitationEvent]>([
    ['accepted', accepted(2)],
    ['replied to (R17)', replied(2)],
    ['ignored (R22)', ignored(2)],
    ['declined (R24)', declined(2)],
    ['withdrawn (R33)', withdrawn(2)],
    ['closed by a connection (D8)', connected(2, INVITATION)],
  ])('removes an invitation that is %s, with and without an earlier reminder (D6)', (_what, event) => {
    expect(reminderRows(sent(1), event)).toEqual([]);
    expect(reminderRows(sent(1), reminded(1, 1, minute(9)), event)).toEqual([]);
    expect(reminderRows(sent(1), event, reminded(3, 1, minute(9)))).toEqual([]);
  });

  it('replaces an invitation by its follow-up, with its own start and no reminders (D6)', () => {
    const followUp = sent(5, { supersedes: INVITATION });
    expect(reminderRows(sent(1), reminded(2, 2, minute(9)), followUp)).toEqual([
      { invitation_id: `${AMAL}.${id(5)}`, sent_at: minute(5), reminded: 0 },
    ]);
  });

  it('ignores events of the account', () => {
    expect(reminderRows(sent(1), restricted(2), lifted(3), connected(4))).toEqual([pending]);
  });
});
