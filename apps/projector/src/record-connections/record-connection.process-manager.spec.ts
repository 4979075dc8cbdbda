import { describe, expect, it } from '@jest/globals';
import { isServiceCommandId } from '#libs/contracts';
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
  restored,
  restricted,
  sent,
  withdrawn,
} from '../../../../test/support/story.js';
import { createRepairCommand, react } from './record-connection.process-manager.js';

const logged = (event: InvitationEvent, eventId = id(99)) => ({
  id: eventId,
  event,
  position: { commit: 1n, prepare: 1n },
});

describe('react', () => {
  it('issues one command for an acceptance, on the account of the member who accepted (D8)', () => {
    expect(react(logged(accepted(2)))).toEqual({
      type: 'invitations.record-connection.v1',
      commandId: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      data: { accountId: BILAL, memberId: AMAL, through: INVITATION },
    });
  });

  it('issues the same command for the same acceptance, and another one for another acceptance (D8)', () => {
    const first = react(logged(accepted(2)))!.commandId;
    expect(react(logged(accepted(2)))!.commandId).toBe(first);
    expect(react(logged(accepted(2), id(98)))!.commandId).not.toBe(first);
  });

  it('issues a command for each invitation if several acceptances share an event id (D8, D10)', () => {
    const other = { ...accepted(2), invitationId: `chiara.${id(1)}`, inviterId: 'chiara' };
    expect(react(logged(other))!.commandId).not.toBe(react(logged(accepted(2)))!.commandId);
  });

  it.each([
    sent(1),
    replied(2),
    ignored(2),
    restored(2),
    declined(3),
    withdrawn(2),
    reminded(2, 1, minute(9)),
    restricted(3),
    lifted(4),
    connected(5),
  ])('issues no command for %j', (event) => {
    expect(react(logged(event))).toBeUndefined();
  });
});

const lost = { inviterId: AMAL, recipientId: BILAL, invitationId: INVITATION };
const at = new Date('2026-01-05T09:00:00Z');

describe('createRepairCommand', () => {
  it('addresses the account of the member who accepted, with an id that no member may use (D8)', () => {
    const { type, commandId, data } = createRepairCommand(lost, at);
    expect(type).toBe('invitations.record-connection.v1');
    expect(data).toEqual({ accountId: BILAL, memberId: AMAL, through: INVITATION });
    expect(isServiceCommandId(commandId)).toBe(true);
  });

  it('derives the command id from the invitation and the attempt', () => {
    const ids = [
      createRepairCommand(lost, at),
      createRepairCommand({ ...lost, inviterId: 'chiara', invitationId: `chiara.${id(1)}` }, at),
      createRepairCommand(lost, new Date('2026-01-12T09:00:00Z')),
    ].map(({ commandId }) => commandId);
    expect(new Set(ids).size).toBe(3);
    expect(createRepairCommand(lost, at).commandId).toBe(ids[0]);
  });
});
