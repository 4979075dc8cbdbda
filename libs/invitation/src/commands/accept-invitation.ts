import type { Account } from '../account.js';
import type { AcceptInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { invitationFor } from '../rules/invitation-for.js';
import { unreachable } from '../unreachable.js';

/** R10, R18, D5: any open invitation can be accepted, from the inbox or the archive, also after a reply. */
export function acceptInvitation(account: Account, command: AcceptInvitation): Decision {
  const found = invitationFor('recipient', account, command);
  if ('refusal' in found) return refuse(found.refusal);
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
    case 'replied':
    case 'ignored':
      return accept({ type: 'InvitationAccepted', ...ids, via: command.via });
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
