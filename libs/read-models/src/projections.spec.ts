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
  '$name starts anew only where the row before makes no difference',
  (listed) => {
    const projection = listed as RowProjection<InvitationEvent, object>;
    const before = rowsAfter(projection, [sent(1)]).get(INVITATION);
    for (const event of [sent(1), sent(5, { supersedes: INVITATION })]) {
      expect(projection.startsAnew!(event)).toBe(true);
      const [after, anew] = [before, undefined].map((row) => projection.fold(row, event, INVITATION));
      expect(after).toEqual(anew);
    }
    for (const event of [accepted(2), replied(2), ignored(2), withdrawn(2), reminded(2, 1, minute(9))])
      expect(projection.startsAnew!(event)).toBe(false);
  },
);

describe('inbox, archive and sent', () => {
  it.each<[string, InvitationEvent[], { inbox: string[]; archive: string[]; sent: object }]>([
    ['R9: sent', [], { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } }],
    ['R10: accepted', [accepted(2)], { inbox: [], archive: [], sent: { [INVITATION]: 'accepted' } }],
    [
      'R16: replied to',
      [replied(2)],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'replied' } },
    ],
    [
      'R19, R20: ignored',
      [ignored(2)],
      { inbox: [], archive: [INVITATION], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'D5: accepted from the archive',
      [ignored(2), accepted(3)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'accepted' } },
    ],
    [
      'D5: replied to from the archive',
      [ignored(2), replied(3)],
      { inbox: [], archive: [INVITATION], sent: { [INVITATION]: 'replied' } },
    ],
    [
      'R30: declined',
      [ignored(2), declined(3), restricted(3)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    ['R32: withdrawn', [withdrawn(2)], { inbox: [], archive: [], sent: { [INVITATION]: 'withdrawn' } }],
    [
      'R32: withdrawn from the archive',
      [ignored(2), withdrawn(3)],
      { inbox: [], archive: [], sent: { [INVITATION]: 'withdrawn' } },
    ],
    [
      'D8: made pointless by a connection the other way round',
      [connected(3, INVITATION)],
      { inbox: [], archive: [], sent: {} },
    ],
    [
      'R6: reminded of',
      [reminded(2, 1, minute(9))],
      { inbox: [INVITATION], archive: [], sent: { [INVITATION]: 'pending' } },
    ],
    [
      'D2: followed up, untouched',
      [sent(5, { supersedes: INVITATION })],
      { inbox: [FOLLOW_UP], archive: [], sent: { [FOLLOW_UP]: 'pending' } },
    ],
    [
      'D2: followed up, ignored',
      [ignored(2), sent(5, { supersedes: INVITATION })],
      { inbox: [FOLLOW_UP], archive: [], sent: { [FOLLOW_UP]: 'pending' } },
    ],
  ])('%s', (_what, since, expected) => {
    expect(lists(sent(1), ...since)).toEqual(expected);
  });

  it('D1: the row that the inviter sees is the same, field by field, untouched, ignored or declined', () => {
    const untouched = rowsAfter(sentProjection, [sent(1, { message: 'Hi' })]);
    expect(rowsAfter(sentProjection, [sent(1, { message: 'Hi' }), ignored(2)])).toEqual(untouched);
    expect(rowsAfter(sentProjection, [sent(1, { message: 'Hi' }), ignored(2), declined(3)])).toEqual(
      untouched,
    );
  });

  it('keeps who, what and when', () => {
    expect(rowsAfter(inboxProjection, [sent(1, { message: 'Hi' })]).get(INVITATION)).toEqual({
      invitation_id: INVITATION,
      inviter_id: AMAL,
      recipient_id: BILAL,
      message: 'Hi',
      sent_at: minute(1),
    });
  });
});

describe('connections', () => {
  const rows = (...history: InvitationEvent[]) => [...rowsAfter(connectionsProjection, history).values()];

  it('R10, D8: each account tells its own side, once', () => {
    const side = { pair: `${AMAL} ${BILAL}`, member_id: AMAL, other_id: BILAL };
    expect(rows(sent(1), accepted(2))).toEqual([{ ...side, since: minute(2) }]);
    expect(rows(connected(3))).toEqual([{ ...side, since: minute(3) }]);
    expect(rows(sent(1), accepted(2), accepted(4))).toEqual([{ ...side, since: minute(2) }]);
    expect(rows(sent(1), replied(2), ignored(3))).toEqual([]);
  });
});

describe('account restriction', () => {
  const rows = (...history: InvitationEvent[]) => [
    ...rowsAfter(accountRestrictionProjection, history).values(),
  ];

  it('R26, D7: is on, then off', () => {
    expect(rows(sent(1), ignored(2), declined(3))).toEqual([]);
    expect(rows(restricted(3))).toEqual([{ account_id: AMAL, restricted: true, since: minute(3) }]);
    expect(rows(restricted(3), lifted(4))).toEqual([
      { account_id: AMAL, restricted: false, since: minute(4) },
    ]);
  });
});
