import type { Account } from '../account.js';
import type { AcceptInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { authorizeActor } from './authorize-actor.js';
import { assertNever } from '../assert-never.js';

/** R10, R18, D5: accepts an open invitation, from the inbox or the archive, even after a reply. */
export function acceptInvitation(account: Account, command: AcceptInvitation): Decision {
  const found = authorizeActor('recipient', account, command);
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
      return assertNever(invitation);
  }
}
