import type { Account } from '../account.js';
import type { WithdrawInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { authorizeActor } from './authorize-actor.js';
import { assertNever } from '../assert-never.js';

/** R31, D3: withdraws an invitation that has no answer which the inviter knows of. Ignored and declined ones look alike to them. */
export function withdrawInvitation(account: Account, command: WithdrawInvitation): Decision {
  const found = authorizeActor('inviter', account, command);
  if ('refusal' in found) return refuse(found.refusal);
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
    case 'ignored':
    case 'declined':
      return accept({ type: 'InvitationWithdrawn', ...ids });
    case 'replied':
    case 'accepted':
      return refuse('ALREADY_ANSWERED');
    case 'withdrawn':
    case 'superseded':
      return refuse('NOT_OPEN');
    default:
      return assertNever(invitation);
  }
}
