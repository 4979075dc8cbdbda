import type {
  Account,
  IgnoredInvitation,
  Invitation,
  TouchedInvitation,
  UntouchedInvitation,
} from '../account.js';
import {
  assertNever,
  inviterOf,
  type CommandId,
  type Instant,
  type InvitationId,
  type MemberId,
} from '../events.js';
import {
  type AcceptInvitation,
  type DeclineInvitation,
  type IgnoreInvitation,
  type ReplyToInvitation,
  type RestoreInvitation,
  type WithdrawInvitation,
  accept,
  refuse,
  type Decision,
  type RefusalCode,
  type Refused,
} from '../commands.js';
import type { Policy } from '../policy.js';

// The commands of a member on an invitation that was sent: five of its recipient, and one of its inviter.

/** R10, R18, D5: accepts an open invitation, from the inbox or the archive, even after a reply. */
export function acceptInvitation(account: Account, command: AcceptInvitation): Decision {
  const found = findOpen(account, command);
  if ('outcome' in found) return found;
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
    case 'replied':
    case 'ignored':
    case 'restored':
      return accept({ type: 'InvitationAccepted', ...ids, via: command.via });
    default:
      return assertNever(invitation);
  }
}

/** R15–R17, D5: sends one reply to an open invitation instead of accepting it. The invitation stays open. */
export function replyToInvitation(account: Account, command: ReplyToInvitation): Decision {
  const found = findOpen(account, command);
  if ('outcome' in found) return found;
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
    case 'restored':
      return accept({ type: 'InvitationReplied', ...ids, message: command.message });
    case 'ignored':
      return invitation.replied
        ? refuse('ALREADY_ANSWERED')
        : accept({ type: 'InvitationReplied', ...ids, message: command.message });
    case 'replied':
      return refuse('ALREADY_ANSWERED');
    default:
      return assertNever(invitation);
  }
}

/**
 * R19, D17: moves the invitation to the recipient's archive, neither accepted nor declined, also after a reply, and again after a
 * restore. Nobody is notified (R20).
 */
export function ignoreInvitation(account: Account, command: IgnoreInvitation): Decision {
  const found = findOpen(account, command);
  if ('outcome' in found) return found;
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'untouched':
    case 'restored':
    case 'replied':
      return accept({ type: 'InvitationIgnored', ...ids });
    case 'ignored':
      return refuse('ALREADY_ANSWERED');
    default:
      return assertNever(invitation);
  }
}

/** D20: moves an ignored invitation from the archive back to the inbox, unless it was declined. Nobody is notified. */
export function restoreInvitation(account: Account, command: RestoreInvitation): Decision {
  const found = findOpen(account, command);
  if ('outcome' in found) return found;
  const { invitation, ids } = found;
  switch (invitation.status) {
    case 'ignored':
      return accept({ type: 'InvitationRestored', ...ids });
    case 'untouched':
    case 'restored':
    case 'replied':
      return refuse('NOT_IGNORED');
    default:
      return assertNever(invitation);
  }
}

/** R23–R26, D17: only an ignored invitation can be declined, with or without a reply. It blocks the inviter, and may restrict the account. */
export function declineInvitation(account: Account, command: DeclineInvitation, policy: Policy): Decision {
  const found = findOpen(account, command);
  if ('outcome' in found) return found;
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
    case 'restored':
    case 'replied':
      return refuse('NOT_IGNORED');
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

/** R18, R31, D3: withdraws an invitation that is not accepted, also after a reply. Ignored and declined ones look alike to the inviter. */
export function withdrawInvitation(account: Account, command: WithdrawInvitation): Decision {
  const found = authorizeActor('inviter', account, command);
  if ('outcome' in found) return found;
  const { invitation, ids } = found;
  const { status } = invitation;
  if (status !== 'declined' && isResolved(status)) return refuse(RESOLVED[status]);
  switch (status) {
    case 'untouched':
    case 'replied':
    case 'ignored':
    case 'restored':
    case 'declined':
      return accept({ type: 'InvitationWithdrawn', ...ids });
    default:
      return assertNever(status);
  }
}

/** The fields that each of these commands has. */
type MemberAction = Pick<IgnoreInvitation, 'commandId' | 'invitationId' | 'actorId' | 'at'>;

/** The fields that every event of an invitation has. */
interface InvitationEventIds {
  readonly commandId: CommandId;
  readonly invitationId: InvitationId;
  readonly inviterId: MemberId;
  readonly recipientId: MemberId;
  readonly at: Instant;
}

/**
 * Finds the invitation of a command, if the actor may act on it in this role (D4, D11). A stranger does not even learn that
 * it exists; the other party of the invitation learns that the command is not theirs.
 */
function authorizeActor(
  role: 'inviter' | 'recipient',
  account: Account,
  command: MemberAction,
): { invitation: Invitation; ids: InvitationEventIds } | Refused {
  const { commandId, invitationId, actorId, at } = command;
  const invitation = account.invitations.get(invitationId);
  if (invitation === undefined) return refuse('NOT_FOUND');
  const parties = { inviter: inviterOf(invitationId), recipient: invitation.recipientId };
  if (!Object.values(parties).includes(actorId)) return refuse('NOT_FOUND');
  if (actorId !== parties[role]) return refuse('NOT_YOURS');
  // D23: its own owner is like an unknown member, and nothing of it can be answered, even before each invitation is closed.
  if (account.closed) return refuse(role === 'inviter' ? 'NOT_FOUND' : 'NOT_OPEN');
  const { inviter: inviterId, recipient: recipientId } = parties;
  return { invitation, ids: { commandId, invitationId, inviterId, recipientId, at } };
}

/** What a recipient may still act on. */
type OpenInvitation =
  UntouchedInvitation | IgnoredInvitation | (TouchedInvitation & { readonly status: 'replied' | 'restored' });

/** An invitation that is not open to its recipient any more, and never will be. */
type ResolvedStatus = Exclude<Invitation['status'], OpenInvitation['status']>;

const RESOLVED: Readonly<Record<ResolvedStatus, RefusalCode>> = {
  accepted: 'ALREADY_ANSWERED',
  declined: 'ALREADY_ANSWERED',
  withdrawn: 'NOT_OPEN',
  superseded: 'NOT_OPEN',
  expired: 'NOT_OPEN',
  closed: 'NOT_OPEN',
};

const isResolved = (status: Invitation['status']): status is ResolvedStatus =>
  Object.hasOwn(RESOLVED, status);

/**
 * Finds the invitation of a recipient's command. D4: one that its recipient answered, or that ended in another way, is refused
 * alike by every command.
 */
function findOpen(
  account: Account,
  command: MemberAction,
): { invitation: OpenInvitation; ids: InvitationEventIds } | Refused {
  const found = authorizeActor('recipient', account, command);
  if ('outcome' in found) return found;
  const { invitation, ids } = found;
  const { status } = invitation;
  return isResolved(status) ? refuse(RESOLVED[status]) : { invitation: invitation as OpenInvitation, ids };
}
