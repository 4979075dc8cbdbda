import { describe, expect, it } from '@jest/globals';
import { decide, DEFAULT_POLICY, evolve, initialState, type Command } from '#libs/invitation';
import { accept, act, AMAL, BILAL, INVITATION } from '../../../test/support/story.js';

/** A refusal is an answer; what the types exclude is a bug, and a bug is loud. */
describe('assertNever', () => {
  const nonsense = { type: 'Praise', commandId: 'x' } as never;

  it('throws for a command or an event of an unknown type, and names it', () => {
    expect(() => decide(initialState(), nonsense, DEFAULT_POLICY)).toThrow('unreachable: {"type":"Praise"');
    expect(() => evolve(initialState(), nonsense)).toThrow('unreachable: {"type":"Praise"');
  });

  it.each<Command>([
    accept(2),
    { ...act('ReplyToInvitation', 2), message: 'Who are you?' },
    act('IgnoreInvitation', 2),
    act('DeclineInvitation', 2),
    act('WithdrawInvitation', 2, AMAL),
  ])('throws for an invitation of unknown status at $type, and names it', (command) => {
    const account = initialState();
    account.invitations.set(INVITATION, { status: 'lost' as 'replied', recipientId: BILAL });
    expect(() => decide(account, command, DEFAULT_POLICY)).toThrow('"lost"');
  });
});
