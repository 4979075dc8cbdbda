import { describe, expect, it } from '@jest/globals';
import { accountOf, inviterOf, type Command } from '#libs/invitation';
import {
  accept,
  act,
  AMAL,
  BILAL,
  id,
  INVITATION,
  lifted,
  minute,
  send,
} from '../../../test/support/story.js';

const onInvitation = (type: 'IgnoreInvitation' | 'DeclineInvitation' | 'WithdrawInvitation') => act(type, 2);

describe('the account that decides', () => {
  it.each<Command>([
    send(1),
    accept(2),
    { ...act('ReplyToInvitation', 2), message: 'Who are you?' },
    onInvitation('IgnoreInvitation'),
    onInvitation('DeclineInvitation'),
    onInvitation('WithdrawInvitation'),
    { type: 'RemindRecipient', commandId: id(2), invitationId: INVITATION, ordinal: 1, at: minute(2) },
    { ...lifted(2), type: 'LiftRestriction', accountId: AMAL, operatorId: 'olga', reason: 'talked' },
  ])('D11: is the inviter’s for $type', (command) => {
    expect(accountOf(command)).toBe(AMAL);
  });

  it('D8: is that of the member who accepted, for a recorded connection', () => {
    const [commandId, at] = [id(2), minute(2)];
    expect(
      accountOf({
        type: 'RecordConnection',
        commandId,
        accountId: BILAL,
        memberId: AMAL,
        through: INVITATION,
        at,
      }),
    ).toBe(BILAL);
  });

  it('D4: of an id that is none is nobody’s', () => {
    expect(inviterOf('amal')).toBe('');
    expect(inviterOf('')).toBe('');
    expect(inviterOf('.x')).toBe('');
    expect(inviterOf('amal.x.y')).toBe('amal');
  });
});
