import { describe, expect, it } from '@jest/globals';
import type { Command } from '#libs/invitation';
import { id } from '../support/story.js';
import { untouchedHistories, type UntouchedHistory } from './untouched-histories.js';
import { InvitersView } from './inviters-view.js';
import { expectForAll, TIMEOUT_MS } from './runs.js';
import { expectEqual } from './expect-equal.js';

/**
 * Proves silence (D1, D3, D4, D17, D20) with pairs of histories. Both start with the same events, in which Amal's invitation to
 * a member is untouched, and continue with the same commands: any commands of Amal, and those that the service issues
 * (reminders, connections). In one history the recipient does nothing or replies, in the next they also ignore the
 * invitation, before or after the reply, and may move it back to the inbox and ignore it again, in the last they decline it, too. Amal sees the outcomes of her commands, her `sent` rows, and the public events that
 * are not for the recipient only. E-mails are made from public events and from nothing else.
 *
 * - Amal sees the same for an ignored, a restored and an untouched invitation, and for each of them with a reply.
 * - Amal sees the same for a declined invitation as for one that was ignored by a recipient who takes no more
 *   invitations, which is another cause of `RECIPIENT_UNAVAILABLE`. So only this code reveals the bar.
 * - If the decline restricts the account (R26), Amal sees the same as after an ignore on an account that the declines of
 *   others had restricted at that moment. So R26 adds only that nothing can be sent.
 *
 * The ids of commands are excluded. Amal's ids differ from those of others, which nobody can guess. A guessed id would
 * return the outcome of the other command (D10).
 */
describe('decide for any history and any further commands of the inviter', () => {
  it(
    'answers after an ignore as if the recipient had not ignored the invitation, with a reply or without (D1, D17, D20)',
    () => {
      expectForAll('ignored', untouchedHistories, (given) => {
        expectAlike(notIgnoring(given), ignoring(given), given.further);
      });
    },
    TIMEOUT_MS,
  );

  it(
    'answers after a decline as if it were ignored by a member who takes no more invitations (D1, D3, D4, R26)',
    () => {
      expectForAll('declined', untouchedHistories, (given) => {
        const { view: declined, restriction } = declining(given);
        const ignored = ignoring(given);
        if (restriction !== undefined) ignored.happens(restriction);
        expectAlike(declined, ignored, given.further, (command) => unavailable(command, given));
      });
    },
    TIMEOUT_MS,
  );

  it(
    'reveals a decline only in a new invitation to the decliner, which gets RECIPIENT_UNAVAILABLE (D1, R25)',
    () => {
      expectForAll('first difference', untouchedHistories, (given) => {
        const { view: declined, restriction } = declining(given);
        const ignored = ignoring(given);
        if (restriction !== undefined) return;
        expectEqual(declined.news(), ignored.news(), 'at once');
        for (const command of given.further) {
          declined.do(command);
          ignored.do(command);
          const [seen, otherwise] = [declined.news(), ignored.news()];
          if (seen.answers[0] !== otherwise.answers[0]) {
            const to = 'recipientId' in command && command.recipientId;
            const only = [
              'SendInvitation',
              given.invitation.recipientId,
              'RECIPIENT_UNAVAILABLE',
              'accepted',
            ];
            expectEqual([command.type, to, seen.answers[0], otherwise.answers[0]], only, command);
            return;
          }
          expectEqual(seen, otherwise, command);
        }
      });
    },
    TIMEOUT_MS,
  );
});

/** Expects that the inviter sees the same at once, and after each further command. */
function expectAlike(
  one: InvitersView,
  other: InvitersView,
  further: readonly Command[],
  there = (command: Command) => command,
): void {
  expectEqual(one.news(), other.news(), 'at once');
  for (const command of further) {
    one.do(command);
    other.do(there(command));
    expectEqual(one.news(), other.news(), command);
  }
}

function notIgnoring(given: UntouchedHistory): InvitersView {
  const view = new InvitersView(given);
  if (isReplied(given)) reply(view, given);
  tryToReplyAgain(view, given);
  return view;
}

function ignoring(given: UntouchedHistory): InvitersView {
  const view = new InvitersView(given);
  if (given.reply === 'from the inbox') reply(view, given);
  expect(view.recipientDoes(byRecipient('IgnoreInvitation', 1, given))).toHaveLength(1);
  if (given.reply === 'from the archive') reply(view, given);
  if (given.restore !== 'never') {
    restoreIt(view, given);
    if (given.reply === 'from the inbox again') reply(view, given);
  }
  if (given.restore === 'and ignores it again') ignoreAgain(view, given);
  tryToReplyAgain(view, given);
  return view;
}

function restoreIt(view: InvitersView, given: UntouchedHistory): void {
  expect(view.recipientDoes(byRecipient('RestoreInvitation', 5, given))).toHaveLength(1);
}

function ignoreAgain(view: InvitersView, given: UntouchedHistory): void {
  expect(view.recipientDoes(byRecipient('IgnoreInvitation', 6, given))).toHaveLength(1);
}

/** A reply from the inbox again needs a restore. */
const isReplied = ({ reply, restore }: UntouchedHistory): boolean =>
  reply !== 'never' && (reply !== 'from the inbox again' || restore !== 'never');

function reply(view: InvitersView, given: UntouchedHistory): void {
  const replying = { ...byRecipient('ReplyToInvitation', 3, given), message: 'Who are you?' };
  expect(view.recipientDoes(replying)).toHaveLength(1);
}

/** Returns the view after a decline, and the restriction of the inviter's account if the decline caused one. */
function declining(given: UntouchedHistory) {
  const view = ignoring(given);
  if (given.restore === 'for good') ignoreAgain(view, given);
  const [declined, restriction] = view.recipientDoes(byRecipient('DeclineInvitation', 2, given));
  expect(declined?.type).toBe('InvitationDeclined');
  return { view, restriction };
}

/** A second reply that is possible only after an ignore would tell the inviter of the ignore. */
function tryToReplyAgain(view: InvitersView, given: UntouchedHistory): void {
  if (!isReplied(given)) return;
  view.recipientDoes({ ...byRecipient('ReplyToInvitation', 4, given), message: 'Once more' });
}

function byRecipient<
  Type extends 'IgnoreInvitation' | 'RestoreInvitation' | 'DeclineInvitation' | 'ReplyToInvitation',
>(type: Type, n: number, { invitation: { invitationId, recipientId, at } }: UntouchedHistory) {
  return { type, commandId: id(900_000 + n), invitationId, actorId: recipientId, at };
}

function unavailable(command: Command, { invitation }: UntouchedHistory): Command {
  if (command.type !== 'SendInvitation' || command.recipientId !== invitation.recipientId) return command;
  return { ...command, recipient: { ...command.recipient, available: false } };
}
