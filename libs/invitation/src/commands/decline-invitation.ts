import type { Account } from '../account.js';
import { assertNever } from '../assert-never.js';
import type { DeclineInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import type { MemberId } from '../ids.js';
import type { Policy } from '../policy.js';
import { authorizeActor } from './authorize-actor.js';

/** R23–R26, D17: only an ignored invitation can be declined, with or without a reply. It blocks the inviter, and may restrict the account. */
export function declineInvitation(account: Account, command: DeclineInvitation, policy: Policy): Decision {
  const found = authorizeActor('recipient', account, command);
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
    case 'replied':
      return refuse('NOT_IGNORED');
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

/** R26, R27, D7: whether this decline makes the number of different decliners reach the limit. */
function declineRestricts(account: Account, recipient: MemberId, policy: Policy): boolean {
  if (policy.restrictAfterDeclines === 0 || account.restricted) return false;
  const decliners = account.declinedBy.size + (account.declinedBy.has(recipient) ? 0 : 1);
  return decliners >= policy.restrictAfterDeclines;
}
