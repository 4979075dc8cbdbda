import { describe, expect, it } from '@jest/globals';
import type { Command } from '#libs/invitation';
import { id } from '../support/story.js';
import { beginnings, type Beginning } from './beginnings.js';
import { InvitersView } from './inviters-view.js';
import { expectForAll, TIMEOUT_MS } from './runs.js';
import { expectSame } from './same.js';

/**
 * What silence is worth (D1, D3, D4), told by worlds that begin with the same history, in which Amal's invitation to
 * somebody is untouched, and go on with the same commands: any of Amal's own, to anybody, and those that the service
 * issues by itself (reminders, connections). In one world the recipient does nothing, in the next they ignore it, in
 * the last they ignore and decline it. What Amal sees is all that they are answered, their `sent` rows and the public
 * events that are not for the recipient's eyes alone; e-mails are made from public events and from nothing else.
 *
 * - Ignored is like untouched: in everything.
 * - Declined is like ignored, by a recipient who takes no more invitations (another cause of `RECIPIENT_UNAVAILABLE`):
 *   in everything. So the bar shows by this code, where it has this other cause, and by nothing else.
 * - If the decline restricts the account (R26), it is like ignored in an account that the declines of others had
 *   restricted at that moment: in everything. So R26 adds that nothing can be sent, and nothing else.
 *
 * Not in question: the ids of commands. Amal's differ from those of others, which nobody can guess; an id that could
 * be guessed would be answered with what became of the other's command (D10).
 */
describe('for any history and any further commands of the inviter', () => {
  it(
    'D1: ignored is like untouched',
    () => {
      expectForAll('ignored', beginnings, (beginning) => {
        expectAlike(new InvitersView(beginning), ignoring(beginning), beginning.further);
      });
    },
    TIMEOUT_MS,
  );

  it(
    'D1, D3, D4, R26: declined is like ignored by somebody who takes no more invitations',
    () => {
      expectForAll('declined', beginnings, (beginning) => {
        const { view: declined, restriction } = declining(beginning);
        const ignored = ignoring(beginning);
        if (restriction !== undefined) ignored.happens(restriction);
        expectAlike(declined, ignored, beginning.further, (command) => unavailable(command, beginning));
      });
    },
    TIMEOUT_MS,
  );

  it(
    'D1, R25: a decline shows first in a new invitation to the decliner, which is RECIPIENT_UNAVAILABLE',
    () => {
      expectForAll('first difference', beginnings, (beginning) => {
        const { view: declined, restriction } = declining(beginning);
        const ignored = ignoring(beginning);
        if (restriction !== undefined) return;
        expectSame(declined.news(), ignored.news(), 'at once');
        for (const command of beginning.further) {
          declined.do(command);
          ignored.do(command);
          const [seen, otherwise] = [declined.news(), ignored.news()];
          if (seen.answers[0] !== otherwise.answers[0]) {
            const to = 'recipientId' in command && command.recipientId;
            const only = [
              'SendInvitation',
              beginning.invitation.recipientId,
              'RECIPIENT_UNAVAILABLE',
              'accepted',
            ];
            expectSame([command.type, to, seen.answers[0], otherwise.answers[0]], only, command);
            return;
          }
          expectSame(seen, otherwise, command);
        }
      });
    },
    TIMEOUT_MS,
  );
});

/** The same is seen at once, and after each further command. */
function expectAlike(
  one: InvitersView,
  other: InvitersView,
  further: readonly Command[],
  there = (command: Command) => command,
): void {
  expectSame(one.news(), other.news(), 'at once');
  for (const command of further) {
    one.do(command);
    other.do(there(command));
    expectSame(one.news(), other.news(), command);
  }
}

function ignoring(beginning: Beginning): InvitersView {
  const view = new InvitersView(beginning);
  expect(view.recipientDoes(byRecipient('IgnoreInvitation', 1, beginning))).toHaveLength(1);
  return view;
}

/** The world after a decline, and the restriction of the inviter's account, if it caused one. */
function declining(beginning: Beginning) {
  const view = ignoring(beginning);
  const [declined, restriction] = view.recipientDoes(byRecipient('DeclineInvitation', 2, beginning));
  expect(declined?.type).toBe('InvitationDeclined');
  return { view, restriction };
}

function byRecipient(
  type: 'IgnoreInvitation' | 'DeclineInvitation',
  n: number,
  { invitation: { invitationId, recipientId, at } }: Beginning,
): Command {
  return { type, commandId: id(900_000 + n), invitationId, actorId: recipientId, at };
}

function unavailable(command: Command, { invitation }: Beginning): Command {
  if (command.type !== 'SendInvitation' || command.recipientId !== invitation.recipientId) return command;
  return { ...command, recipient: { ...command.recipient, available: false } };
}
