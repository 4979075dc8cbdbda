import {
  isLoaded,
  relationWith,
  type Account,
  type EntryKeys,
  type Relation,
  type TouchedInvitation,
} from './account.js';
import { type InvitationEvent, type InvitationId, type MemberId, assertNever } from './events.js';

/**
 * Applies an event to an account, which it changes and returns. A copy for each event would make folding an account of
 * thousands of invitations quadratic. `decide` never changes the account (ADR 3). Of a partial account it changes what is
 * loaded; an entry that is not loaded stays so, unless the event alone determines it (ADR 17).
 */
export function evolve(account: Account, event: InvitationEvent): Account {
  account.processedCommandIds.add(event.commandId);
  switch (event.type) {
    case 'InvitationSent':
      account.sent += 1;
      if (event.supersedes !== undefined)
        setStatus(account, event.supersedes, event.recipientId, 'superseded');
      account.invitations.set(event.invitationId, {
        status: 'untouched',
        recipientId: event.recipientId,
        sentAt: event.at,
        reminded: 0,
      });
      updateRelation(account, event.recipientId, {
        open: event.invitationId,
        lastSentAt: event.at,
        emailRequired: false,
      });
      return account;
    case 'InvitationAccepted':
      setStatus(account, event.invitationId, event.recipientId, 'accepted');
      updateRelation(account, event.recipientId, { connected: true, open: undefined });
      return account;
    case 'InvitationReplied':
      setReplied(account, event.invitationId, event.recipientId);
      return account;
    case 'InvitationIgnored':
      setIgnored(account, event.invitationId, event.recipientId);
      return account;
    case 'InvitationRestored':
      setRestored(account, event.invitationId, event.recipientId);
      return account;
    case 'InvitationDeclined':
      setStatus(account, event.invitationId, event.recipientId, 'declined');
      updateRelation(account, event.recipientId, { blocked: true });
      account.declinedBy.add(event.recipientId);
      return account;
    case 'InvitationWithdrawn':
      setStatus(account, event.invitationId, event.recipientId, 'withdrawn');
      updateRelation(account, event.recipientId, { emailRequired: true, open: undefined });
      return account;
    case 'InvitationReminderDue':
      setReminderCount(account, event.invitationId, event.ordinal);
      return account;
    case 'InvitationExpired':
      setStatus(account, event.invitationId, event.recipientId, 'expired');
      updateRelation(account, event.recipientId, { open: undefined });
      return account;
    case 'InvitationClosed':
      setStatus(account, event.invitationId, event.recipientId, 'closed');
      updateRelation(account, event.recipientId, { open: undefined });
      return account;
    case 'AccountRestricted':
      account.restricted = true;
      return account;
    case 'AccountRestrictionLifted':
      account.restricted = false;
      account.declinedBy.clear();
      return account;
    case 'AccountClosed':
      account.closed = true;
      return account;
    case 'ConnectionRecorded':
      if (event.closes !== undefined) setStatus(account, event.closes, event.memberId, 'superseded');
      updateRelation(account, event.memberId, { connected: true, open: undefined });
      return account;
    case 'ConnectionEnded':
      updateRelation(account, event.memberId, { connected: false, ended: true });
      return account;
    default:
      return assertNever(event);
  }
}

function setStatus(
  account: Account,
  id: InvitationId,
  recipientId: MemberId,
  status: TouchedInvitation['status'],
): void {
  account.invitations.set(id, { status, recipientId });
}

/** A reply from the archive leaves the invitation there (D5). */
function setReplied(account: Account, id: InvitationId, recipientId: MemberId): void {
  if (!isLoaded(account.invitations, id)) return;
  if (account.invitations.get(id)?.status === 'ignored')
    account.invitations.set(id, { status: 'ignored', recipientId, replied: true });
  else setStatus(account, id, recipientId, 'replied');
}

/** An ignored invitation keeps that it was replied to (D17). */
function setIgnored(account: Account, id: InvitationId, recipientId: MemberId): void {
  if (!isLoaded(account.invitations, id)) return;
  const replied = account.invitations.get(id)?.status === 'replied';
  account.invitations.set(id, { status: 'ignored', recipientId, replied });
}

/** A restored invitation is as before the ignore, but not untouched: no reminder follows (D20). */
function setRestored(account: Account, id: InvitationId, recipientId: MemberId): void {
  if (!isLoaded(account.invitations, id)) return;
  const invitation = account.invitations.get(id);
  if (invitation?.status === 'ignored')
    setStatus(account, id, recipientId, invitation.replied ? 'replied' : 'restored');
}

function setReminderCount(account: Account, id: InvitationId, reminded: number): void {
  if (!isLoaded(account.invitations, id)) return;
  const invitation = account.invitations.get(id);
  if (invitation?.status === 'untouched') account.invitations.set(id, { ...invitation, reminded });
}

function updateRelation(account: Account, member: MemberId, change: Partial<Relation>): void {
  if (!isLoaded(account.relations, member)) return;
  account.relations.set(member, { ...relationWith(account, member), ...change });
}

/** The entries of the account that an event changes. */
export function entriesChangedBy(event: InvitationEvent): EntryKeys {
  const { commandId } = event;
  switch (event.type) {
    case 'InvitationSent':
      return {
        commandId,
        members: [event.recipientId],
        invitations:
          event.supersedes === undefined ? [event.invitationId] : [event.invitationId, event.supersedes],
      };
    case 'InvitationAccepted':
    case 'InvitationDeclined':
    case 'InvitationWithdrawn':
    case 'InvitationExpired':
    case 'InvitationClosed':
      return { commandId, members: [event.recipientId], invitations: [event.invitationId] };
    case 'InvitationReplied':
    case 'InvitationIgnored':
    case 'InvitationRestored':
    case 'InvitationReminderDue':
      return { commandId, members: [], invitations: [event.invitationId] };
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
    case 'AccountClosed':
      return { commandId, members: [], invitations: [] };
    case 'ConnectionRecorded':
      return {
        commandId,
        members: [event.memberId],
        invitations: event.closes === undefined ? [] : [event.closes],
      };
    case 'ConnectionEnded':
      return { commandId, members: [event.memberId], invitations: [] };
    default:
      return assertNever(event);
  }
}
