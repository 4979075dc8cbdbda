import { describe, expect, it } from '@jest/globals';
import { accountOf, decide, DEFAULT_POLICY, evolve, openAccount, type Command } from '#libs/invitation';
import { accept, act, AMAL, BILAL, INVITATION } from '../../../test/support/story.js';

/** A refusal is an answer; what the types exclude is a bug, and a bug is loud. */
describe('what cannot be', () => {
  const nonsense = { type: 'Praise', commandId: 'x' } as never;

  it('is thrown back by name: a command or an event of no known type', () => {
    expect(() => decide(openAccount(), nonsense, DEFAULT_POLICY)).toThrow('unreachable: {"type":"Praise"');
    expect(() => evolve(openAccount(), nonsense)).toThrow('unreachable: {"type":"Praise"');
    expect(() => accountOf(nonsense)).toThrow('unreachable: {"type":"Praise"');
  });

  it.each<Command>([
    accept(2),
    { ...act('ReplyToInvitation', 2), message: 'Who are you?' },
    act('IgnoreInvitation', 2),
    act('DeclineInvitation', 2),
    act('WithdrawInvitation', 2, AMAL),
  ])('is thrown back by name: a status that none can have, at $type', (command) => {
    const account = openAccount();
    account.invitations.set(INVITATION, { status: 'lost' as 'replied', recipientId: BILAL });
    expect(() => decide(account, command, DEFAULT_POLICY)).toThrow('"lost"');
  });
});
