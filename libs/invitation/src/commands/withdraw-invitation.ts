import type { Account } from '../account.js';
import type { WithdrawInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { authorizeActor } from './authorize-actor.js';
import { assertNever } from '../assert-never.js';

/** R18, R31, D3: withdraws an invitation that is not accepted, also after a reply. Ignored and declined ones look alike to the inviter. */
export function withdrawInvitation(account: Account, command: WithdrawInvitation): Decision {
  const found = authorizeActor('inviter', account, command);
  if ('refusal' in found) return refuse(found.refusal);
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
    case 'replied':
    case 'ignored':
    case 'declined':
      return accept({ type: 'InvitationWithdrawn', ...ids });
    case 'accepted':
      return refuse('ALREADY_ANSWERED');
    case 'withdrawn':
    case 'superseded':
      return refuse('NOT_OPEN');
    default:
      return assertNever(invitation);
  }
}
