import type { Account } from '../account.js';
import type { WithdrawInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { invitationFor } from '../rules/invitation-for.js';
import { unreachable } from '../unreachable.js';

/** R31, D3: what the inviter knows to be unanswered can be withdrawn, and ignored or declined look just the same to them. */
export function withdrawInvitation(account: Account, command: WithdrawInvitation): Decision {
  const found = invitationFor('inviter', account, command);
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
      return unreachable(invitation);
  }
}
