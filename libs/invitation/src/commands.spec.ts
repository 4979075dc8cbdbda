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

const onInvitation = (
  type: 'IgnoreInvitation' | 'RestoreInvitation' | 'DeclineInvitation' | 'WithdrawInvitation',
) => act(type, 2);

describe('accountOf and inviterOf', () => {
  it.each<Command>([
    send(1),
    accept(2),
    { ...act('ReplyToInvitation', 2), message: 'Who are you?' },
    onInvitation('IgnoreInvitation'),
    onInvitation('RestoreInvitation'),
    onInvitation('DeclineInvitation'),
    onInvitation('WithdrawInvitation'),
    { type: 'RemindRecipient', commandId: id(2), invitationId: INVITATION, ordinal: 1, at: minute(2) },
    { ...lifted(2), type: 'LiftRestriction', accountId: AMAL, operatorId: 'olga', reason: 'talked' },
  ])('return the account of the inviter for $type (D11)', (command) => {
    expect(accountOf(command)).toBe(AMAL);
  });

  it('return the account of the member who accepted for RecordConnection (D8)', () => {
    const command: Command = {
      type: 'RecordConnection',
      commandId: id(2),
      accountId: BILAL,
      memberId: AMAL,
      through: INVITATION,
      at: minute(2),
    };
    expect(accountOf(command)).toBe(BILAL);
  });

  it('return no account for a malformed invitation id (D4)', () => {
    expect(inviterOf('amal')).toBe('');
    expect(inviterOf('')).toBe('');
    expect(inviterOf('.x')).toBe('');
    expect(inviterOf('amal.x.y')).toBe('amal');
  });
});
