import { relationWith, type Account, type Relation, type Touched } from './account.js';
import type { InvitationEvent } from './events.js';
import type { InvitationId, MemberId } from './ids.js';
import { unreachable } from './unreachable.js';

/**
 * The account after one more event. It changes and returns the account that it is given: an account of thousands of
 * invitations is folded in one pass, and a copy an event would make that quadratic. `decide` never changes anything.
 */
export function evolve(account: Account, event: InvitationEvent): Account {
  account.carriedOut.add(event.commandId);
  switch (event.type) {
    case 'InvitationSent':
      account.sent += 1;
      if (event.supersedes !== undefined) settle(account, event.supersedes, event.recipientId, 'superseded');
      account.invitations.set(event.invitationId, {
        status: 'untouched',
        recipientId: event.recipientId,
        sentAt: event.at,
        reminded: 0,
      });
      relate(account, event.recipientId, {
        open: event.invitationId,
        lastSentAt: event.at,
        emailRequired: false,
      });
      return account;
    case 'InvitationAccepted':
      settle(account, event.invitationId, event.recipientId, 'accepted');
      relate(account, event.recipientId, { connected: true, open: undefined });
      return account;
    case 'InvitationReplied':
      settle(account, event.invitationId, event.recipientId, 'replied');
      return account;
    case 'InvitationIgnored':
      settle(account, event.invitationId, event.recipientId, 'ignored');
      return account;
    case 'InvitationDeclined':
      settle(account, event.invitationId, event.recipientId, 'declined');
      relate(account, event.recipientId, { barred: true });
      account.declinedBy.add(event.recipientId);
      return account;
    case 'InvitationWithdrawn':
      settle(account, event.invitationId, event.recipientId, 'withdrawn');
      relate(account, event.recipientId, { emailRequired: true, open: undefined });
      return account;
    case 'InvitationReminderDue':
      remember(account, event.invitationId, event.ordinal);
      return account;
    case 'AccountRestricted':
      account.restricted = true;
      return account;
    case 'AccountRestrictionLifted':
      account.restricted = false;
      account.declinedBy.clear();
      return account;
    case 'ConnectionRecorded':
      if (event.closes !== undefined) settle(account, event.closes, event.memberId, 'superseded');
      relate(account, event.memberId, { connected: true, open: undefined });
      return account;
    default:
      return unreachable(event);
  }
}

function settle(account: Account, id: InvitationId, recipientId: MemberId, status: Touched['status']): void {
  account.invitations.set(id, { status, recipientId });
}

function remember(account: Account, id: InvitationId, reminded: number): void {
  const invitation = account.invitations.get(id);
  if (invitation?.status === 'untouched') account.invitations.set(id, { ...invitation, reminded });
}

function relate(account: Account, member: MemberId, change: Partial<Relation>): void {
  account.relations.set(member, { ...relationWith(account, member), ...change });
}
