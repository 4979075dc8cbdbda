import { describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#libs/invitation';
import { rowsAfter } from '../../../../test/support/rows.js';
import {
  accepted,
  AMAL,
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
} from '../../../../test/support/story.js';
import { remindersProjection } from '../index.js';

/** The rows after a history, and after each of its events was delivered twice. */
function rows(...history: InvitationEvent[]) {
  const once = [...rowsAfter(remindersProjection, history).values()];
  expect([
    ...rowsAfter(
      remindersProjection,
      history.flatMap((event) => [event, event]),
    ).values(),
  ]).toEqual(once);
  return once;
}

const waiting = { invitation_id: INVITATION, sent_at: minute(1), reminded: 0 };

describe('invitations that somebody may be reminded of', () => {
  it('R6: are those that were sent', () => {
    expect(rows(sent(1))).toEqual([waiting]);
    expect(rows(sent(1), sent(2, { recipientId: 'chiara' }))).toHaveLength(2);
  });

  it('D6: with the last reminder, of whatever ordinal', () => {
    expect(rows(sent(1), reminded(2, 1, minute(9)))).toEqual([{ ...waiting, reminded: 1 }]);
    expect(rows(sent(1), reminded(2, 1, minute(9)), reminded(8, 3, minute(99)))).toEqual([
      { ...waiting, reminded: 3 },
    ]);
  });

  it.each<[string, InvitationEvent]>([
    ['accepted', accepted(2)],
    ['R17: replied to', replied(2)],
    ['R22: ignored', ignored(2)],
    ['R24: declined', declined(2)],
    ['R33: withdrawn', withdrawn(2)],
    ['D8: closed by a connection', connected(2, INVITATION)],
  ])('D6: and not one that is %s, reminded of or not', (_what, event) => {
    expect(rows(sent(1), event)).toEqual([]);
    expect(rows(sent(1), reminded(1, 1, minute(9)), event)).toEqual([]);
    expect(rows(sent(1), event, reminded(3, 1, minute(9)))).toEqual([]);
  });

  it('D6: a follow-up takes the place of what it supersedes, and is reminded of from its own beginning', () => {
    const followUp = sent(5, { supersedes: INVITATION });
    expect(rows(sent(1), reminded(2, 2, minute(9)), followUp)).toEqual([
      { invitation_id: `${AMAL}.${id(5)}`, sent_at: minute(5), reminded: 0 },
    ]);
  });

  it('whatever befalls the account', () => {
    expect(rows(sent(1), restricted(2), lifted(3), connected(4))).toEqual([waiting]);
  });
});
