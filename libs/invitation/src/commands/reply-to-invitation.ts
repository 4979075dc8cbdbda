import type { Account } from '../account.js';
import type { ReplyToInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { authorizeActor } from './authorize-actor.js';
import { assertNever } from '../assert-never.js';

/** R15–R17, D5: sends one reply to an open invitation instead of accepting it. The invitation stays open. */
export function replyToInvitation(account: Account, command: ReplyToInvitation): Decision {
  const found = authorizeActor('recipient', account, command);
  if ('refusal' in found) return refuse(found.refusal);
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
      return accept({ type: 'InvitationReplied', ...ids, message: command.message });
    case 'ignored':
      return invitation.replied
        ? refuse('ALREADY_ANSWERED')
        : accept({ type: 'InvitationReplied', ...ids, message: command.message });
    case 'replied':
    case 'accepted':
    case 'declined':
      return refuse('ALREADY_ANSWERED');
    case 'withdrawn':
    case 'superseded':
      return refuse('NOT_OPEN');
    default:
      return assertNever(invitation);
  }
}
