import type { Account } from '../account.js';
import type { IgnoreInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { authorizeActor } from './authorize-actor.js';
import { assertNever } from '../assert-never.js';

/** R19, D17: moves the invitation to the recipient's archive, neither accepted nor declined, also after a reply. Nobody is notified (R20). */
export function ignoreInvitation(account: Account, command: IgnoreInvitation): Decision {
  const found = authorizeActor('recipient', account, command);
  if ('refusal' in found) return refuse(found.refusal);
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
    case 'replied':
      return accept({ type: 'InvitationIgnored', ...ids });
    case 'ignored':
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
