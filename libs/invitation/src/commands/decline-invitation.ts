import type { Account } from '../account.js';
import type { DeclineInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import type { Policy } from '../policy.js';
import { invitationFor } from '../rules/invitation-for.js';
import { declineRestricts } from '../rules/decline-restricts.js';
import { unreachable } from '../unreachable.js';

/** R23–R26: offered only once the invitation is ignored; it refuses it, bars the inviter, and may restrict the account. */
export function declineInvitation(account: Account, command: DeclineInvitation, policy: Policy): Decision {
  const found = invitationFor('recipient', account, command);
  if ('refusal' in found) return refuse(found.refusal);
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'ignored': {
      const { commandId, inviterId: accountId, at } = ids;
      return declineRestricts(account, command.actorId, policy)
        ? accept(
            { type: 'InvitationDeclined', ...ids },
            { type: 'AccountRestricted', commandId, accountId, at },
          )
        : accept({ type: 'InvitationDeclined', ...ids });
    }
    case 'untouched':
      return refuse('NOT_IGNORED');
    case 'replied':
    case 'accepted':
    case 'declined':
      return refuse('ALREADY_ANSWERED');
    case 'withdrawn':
    case 'superseded':
      return refuse('NOT_OPEN');
    default:
      return unreachable(invitation);
  }
}
