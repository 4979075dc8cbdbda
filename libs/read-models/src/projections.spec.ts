import { describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import { rowsAfter } from '../../../test/support/rows.js';
import {
  accepted,
  accountClosed,
  AMAL,
  BILAL,
  closed,
  connected,
  declined,
  ended,
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
  const open = (events: InvitationEvent[], list: 'ignored' | 'restored') =>
    [...rowsAfter(archiveProjection, events).values()]
      .filter((row) => row[list])
      .map((row) => row.invitation_id);
  const shown = (events: InvitationEvent[]) => ({
    // The list of the inbox takes restored invitations from the archive (D20).
    inbox: [...rowsAfter(inboxProjection, events).keys(), ...open(events, 'restored')],
    archive: open(events, 'ignored'),
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
    // What a follow-up supersedes stays in the sent list.
    const replacing = projection === sentProjection ? [] : [sent(5, { supersedes: INVITATION })];
    for (const event of [sent(1), ...replacing]) {
      expect(projection.ignoresPreviousRow!(event)).toBe(true);
      const [after, anew] = [before, undefined].map((row) => projection.fold(row, event, INVITATION));
      expect(after).toEqual(anew);
    }
    for (const event of [
      accepted(2),
      replied(2),
      ignored(2),
      restored(2),
      withdrawn(2),
      reminded(2, 1, minute(9)),
      ...(projection === sentProjection ? [sent(5, { supersedes: INVITATION })] : []),
    ])
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
      'restored (D20)',
      [ignored(2), restored(3)],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'restored and ignored again (D20)',
      [ignored(2), restored(3), ignored(4)],
      { inbox: [], archive: [INVITATION], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'replied to, ignored and restored (D17, D20)',
      [replied(2), ignored(3), restored(4)],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'replied' } },
    ],
    [
      'restored and accepted (D20)',
      [ignored(2), restored(3), accepted(4)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'accepted' } },
    ],
    [
      'restored and withdrawn (D20, R32)',
      [ignored(2), restored(3), withdrawn(4)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'withdrawn' } },
    ],
    [
      'superseded while restored (D2, D20)',
      [ignored(2), restored(3), sent(5, { supersedes: INVITATION })],
      { inbox: [FOLLOW_UP], archive: [], sent: { [INVITATION]: 'superseded', [FOLLOW_UP]: 'pending' } },
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
      'sent by an account that was closed, until it is closed itself (D23)',
      [accountClosed(2)],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    ['closed with the account (D23)', [accountClosed(2), closed(3)], { inbox: [], archive: [], sent: {} }],
    [
      'replied to, and closed with the account (D23)',
      [replied(2), accountClosed(3), closed(4)],
      { inbox: [], archive: [], sent: {} },
    ],
    [
      'ignored, and closed with the account (D23)',
      [ignored(2), accountClosed(3), closed(4)],
      { inbox: [], archive: [], sent: {} },
    ],
    [
      'restored, and closed with the account (D20, D23)',
      [ignored(2), restored(3), accountClosed(4), closed(5)],
      { inbox: [], archive: [], sent: {} },
    ],
    [
      'declined, and closed with the account (D1, D23)',
      [ignored(2), declined(3), accountClosed(4), closed(5)],
      { inbox: [], archive: [], sent: {} },
    ],
    [
      'accepted, in an account whose connection ended (D23)',
      [accepted(2), accountClosed(3), ended(4, AMAL)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'accepted' } },
    ],
    [
      'sent to a member who left, of which the inviter learns nothing (D23)',
      [ended(2)],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'reminded of (R6)',
      [reminded(2, 1, minute(9))],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'superseded while untouched (D2)',
      [sent(5, { supersedes: INVITATION })],
      { inbox: [FOLLOW_UP], archive: [], sent: { [INVITATION]: 'superseded', [FOLLOW_UP]: 'pending' } },
    ],
    [
      'superseded while ignored (D2)',
      [ignored(2), sent(5, { supersedes: INVITATION })],
      { inbox: [FOLLOW_UP], archive: [], sent: { [INVITATION]: 'superseded', [FOLLOW_UP]: 'pending' } },
    ],
  ])('list an invitation that is %s', (_what, since, expected) => {
    expect(lists(sent(1), ...since)).toEqual(expected);
  });

  it('give the inviter the same row for an untouched, an ignored, a restored and a declined invitation (D1)', () => {
    const untouched = rowsAfter(sentProjection, [sent(1, { message: 'Hi' })]);
    for (const since of [
      [ignored(2)],
      [ignored(2), restored(3)],
      [ignored(2), restored(3), ignored(4)],
      [ignored(2), declined(3)],
    ])
      expect(rowsAfter(sentProjection, [sent(1, { message: 'Hi' }), ...since])).toEqual(untouched);
  });

  it('keep the reply for the inviter, whatever follows it (D17, D18)', () => {
    const row = (...since: InvitationEvent[]) =>
      rowsAfter(sentProjection, [sent(1), ...since]).get(INVITATION)!;
    expect(row()).toMatchObject({ reply: null, replied_at: null });
    const reply = { reply: 'Who are you?', replied_at: minute(2) };
    expect(row(replied(2))).toMatchObject({ status: 'replied', ...reply });
    for (const silent of [[ignored(3)], [ignored(3), restored(4)], [ignored(3), declined(4)]])
      expect(row(replied(2), ...silent)).toEqual(row(replied(2)));
    expect(row(replied(2), accepted(3))).toMatchObject({ status: 'accepted', ...reply });
    expect(row(replied(2), ignored(3), withdrawn(4))).toMatchObject({ status: 'withdrawn', ...reply });
    const followUp = sent(5, { supersedes: INVITATION });
    expect(row(replied(2), followUp)).toMatchObject({ status: 'superseded', ...reply });
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

  it("removes each account's own side when the connection ends in it, whoever of the two has left (D23)", () => {
    for (const leaver of [AMAL, BILAL]) {
      expect(rows(sent(1), accepted(2), ended(4, leaver))).toEqual([]);
      expect(rows(connected(3), ended(4, leaver), ended(4, leaver))).toEqual([]);
    }
    expect(rows(connected(3), accountClosed(4))).toHaveLength(1);
    const other = { ...connected(3), memberId: 'chiara' } as InvitationEvent;
    expect(rows(connected(3), other, ended(4))).toMatchObject([{ pair: `${AMAL} chiara` }]);
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

  it('keeps its row when the account is closed, or a connection ends (D23)', () => {
    const before = rows(restricted(3));
    expect(rows(restricted(3), accountClosed(4), closed(5), ended(6, AMAL))).toEqual(before);
    expect(rows(accountClosed(4))).toEqual([]);
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
    ['restored, of which the ignore was not seen (D20)', restored(2)],
    ['declined (R24)', declined(2)],
    ['withdrawn (R33)', withdrawn(2)],
    ['closed by a connection (D8)', connected(2, INVITATION)],
    ['closed with its account (D23)', closed(2)],
  ])('removes an invitation that is %s, with and without an earlier reminder (D6)', (_what, event) => {
    expect(reminderRows(sent(1), event)).toEqual([]);
    expect(reminderRows(sent(1), reminded(1, 1, minute(9)), event)).toEqual([]);
    expect(reminderRows(sent(1), event, reminded(3, 1, minute(9)))).toEqual([]);
  });

  it('does not add an invitation that is restored, whenever it is reminded of (D20)', () => {
    expect(reminderRows(sent(1), ignored(2), restored(3))).toEqual([]);
    expect(reminderRows(sent(1), reminded(2, 1, minute(9)), ignored(3), restored(4))).toEqual([]);
  });

  it('replaces an invitation by its follow-up, with its own start and no reminders (D6)', () => {
    const followUp = sent(5, { supersedes: INVITATION });
    expect(reminderRows(sent(1), reminded(2, 2, minute(9)), followUp)).toEqual([
      { invitation_id: `${AMAL}.${id(5)}`, sent_at: minute(5), reminded: 0 },
    ]);
  });

  it('ignores events of the account', () => {
    expect(reminderRows(sent(1), restricted(2), lifted(3), connected(4))).toEqual([pending]);
    expect(reminderRows(sent(1), accountClosed(2), ended(3))).toEqual([pending]);
  });
});
