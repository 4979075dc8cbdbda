import { describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#libs/invitation';
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
} from '../../../../test/support/story.js';
import { commandAfter } from './record-connection.process.js';

const logged = (event: InvitationEvent, eventId = id(99)) => ({
  id: eventId,
  event,
  position: { commit: 1n, prepare: 1n },
});

describe('after an event', () => {
  it('D8: an acceptance issues one command, on the account of the member who accepted', () => {
    expect(commandAfter(logged(accepted(2)))).toEqual({
      type: 'invitations.record-connection.v1',
      commandId: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      data: { accountId: BILAL, memberId: AMAL, through: INVITATION },
    });
  });

  it('D8: the same acceptance issues the same command, another one another', () => {
    const first = commandAfter(logged(accepted(2)))!.commandId;
    expect(commandAfter(logged(accepted(2)))!.commandId).toBe(first);
    expect(commandAfter(logged(accepted(2), id(98)))!.commandId).not.toBe(first);
  });

  it.each([
    sent(1),
    replied(2),
    ignored(2),
    declined(3),
    withdrawn(2),
    reminded(2, 1, minute(9)),
    restricted(3),
    lifted(4),
    connected(5),
  ])('%j issues none', (event) => {
    expect(commandAfter(logged(event))).toBeUndefined();
  });
});
