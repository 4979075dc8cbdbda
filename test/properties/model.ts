import type { Command, InvitationEvent, Policy, RefusalCode, SendInvitation } from '#libs/invitation';

/**
 * A second implementation of the rules, as different as possible: tables, and queries over the flat list of all events
 * of an account. It keeps no state, and shares only the names with the domain.
 */
export type Facts = readonly InvitationEvent[];
type Type = InvitationEvent['type'];

/** The expected result of a command: events or a refusal. */
export type Expected = InvitationEvent[] | RefusalCode;

const BECOMES: Partial<Record<Type, Status>> = {
  InvitationSent: 'untouched',
  InvitationReplied: 'replied',
  InvitationIgnored: 'ignored',
  InvitationRestored: 'restored',
  InvitationAccepted: 'accepted',
  InvitationDeclined: 'declined',
  InvitationWithdrawn: 'withdrawn',
  InvitationExpired: 'expired',
  InvitationClosed: 'closed',
};
type Status =
  | 'untouched'
  | 'replied'
  | 'ignored'
  | 'both'
  | 'restored'
  | 'accepted'
  | 'declined'
  | 'withdrawn'
  | 'superseded'
  | 'expired'
  | 'closed';

// prettier-ignore
const ANSWERS: Record<string, Record<Status, Type | RefusalCode>> = {
  AcceptInvitation:   { untouched: 'InvitationAccepted',  replied: 'InvitationAccepted',  ignored: 'InvitationAccepted',  both: 'InvitationAccepted',  restored: 'InvitationAccepted',  accepted: 'ALREADY_ANSWERED',    declined: 'ALREADY_ANSWERED',    withdrawn: 'NOT_OPEN', superseded: 'NOT_OPEN', expired: 'NOT_OPEN', closed: 'NOT_OPEN' },
  ReplyToInvitation:  { untouched: 'InvitationReplied',   replied: 'ALREADY_ANSWERED',    ignored: 'InvitationReplied',   both: 'ALREADY_ANSWERED',    restored: 'InvitationReplied',   accepted: 'ALREADY_ANSWERED',    declined: 'ALREADY_ANSWERED',    withdrawn: 'NOT_OPEN', superseded: 'NOT_OPEN', expired: 'NOT_OPEN', closed: 'NOT_OPEN' },
  IgnoreInvitation:   { untouched: 'InvitationIgnored',   replied: 'InvitationIgnored',   ignored: 'ALREADY_ANSWERED',    both: 'ALREADY_ANSWERED',    restored: 'InvitationIgnored',   accepted: 'ALREADY_ANSWERED',    declined: 'ALREADY_ANSWERED',    withdrawn: 'NOT_OPEN', superseded: 'NOT_OPEN', expired: 'NOT_OPEN', closed: 'NOT_OPEN' },
  RestoreInvitation:  { untouched: 'NOT_IGNORED',         replied: 'NOT_IGNORED',         ignored: 'InvitationRestored',  both: 'InvitationRestored',  restored: 'NOT_IGNORED',         accepted: 'ALREADY_ANSWERED',    declined: 'ALREADY_ANSWERED',    withdrawn: 'NOT_OPEN', superseded: 'NOT_OPEN', expired: 'NOT_OPEN', closed: 'NOT_OPEN' },
  DeclineInvitation:  { untouched: 'NOT_IGNORED',         replied: 'NOT_IGNORED',         ignored: 'InvitationDeclined',  both: 'InvitationDeclined',  restored: 'NOT_IGNORED',         accepted: 'ALREADY_ANSWERED',    declined: 'ALREADY_ANSWERED',    withdrawn: 'NOT_OPEN', superseded: 'NOT_OPEN', expired: 'NOT_OPEN', closed: 'NOT_OPEN' },
  WithdrawInvitation: { untouched: 'InvitationWithdrawn', replied: 'InvitationWithdrawn', ignored: 'InvitationWithdrawn', both: 'InvitationWithdrawn', restored: 'InvitationWithdrawn', accepted: 'ALREADY_ANSWERED',    declined: 'InvitationWithdrawn', withdrawn: 'NOT_OPEN', superseded: 'NOT_OPEN', expired: 'NOT_OPEN', closed: 'NOT_OPEN' },
};

/** What ends an invitation in the inviter's sight, so that nothing later replaces it. */
const ENDS: readonly Status[] = ['accepted', 'withdrawn', 'expired', 'closed'];

/** What becomes of an invitation in the inviter's sight: only acceptance, withdrawal and expiry change what they see, beside a reply. */
function shown(facts: Facts, id: string, status: Status): string {
  if (ENDS.includes(status) || status === 'superseded') return status;
  return hasEvent(facts, 'InvitationReplied', id) ? 'replied' : 'pending';
}

/** The text of the reply and its time; empty without one. */
function replyTo(facts: Facts, id: string): string[] {
  const reply = facts.find((fact) => fact.type === 'InvitationReplied' && fact.invitationId === id);
  return reply?.type === 'InvitationReplied' ? [reply.message ?? '', reply.at] : [];
}

/** Whether a follow-up has superseded the invitation, and not a connection in the other direction. */
const isFollowedUp = (facts: Facts, id: string): boolean =>
  facts.some((fact) => fact.type === 'InvitationSent' && fact.supersedes === id);

const hasEvent = (facts: Facts, type: Type, id: string): boolean =>
  facts.some((fact) => fact.type === type && 'invitationId' in fact && fact.invitationId === id);

export function expected(facts: Facts, command: Command, policy: Policy): Expected {
  const { type, commandId, at } = command;
  if (facts.some((fact) => fact.commandId === commandId)) return [];
  if ('actorHasLeft' in command) return type === 'SendInvitation' ? 'ACCOUNT_RESTRICTED' : 'NOT_FOUND';
  if (type === 'SendInvitation') return sending(facts, command, policy);
  if (type === 'LiftRestriction') {
    const { accountId, operatorId, reason } = command;
    if (!isRestricted(facts)) return 'NOT_FOUND';
    return [{ type: 'AccountRestrictionLifted', commandId, accountId, operatorId, reason, at }];
  }
  if (type === 'CloseAccount') {
    const { accountId, operatorId } = command;
    return isClosed(facts) ? [] : [{ type: 'AccountClosed', commandId, accountId, operatorId, at }];
  }
  if (type === 'EndConnection') {
    const { accountId, memberId, leaverId } = command;
    if (leaverId === accountId && !isClosed(facts)) return 'NOT_FOUND';
    const isOver = hasEnded(facts, memberId) && !isConnected(facts.filter((fact) => isWith(fact, memberId)));
    return isOver && leaverId !== accountId
      ? []
      : [{ type: 'ConnectionEnded', commandId, accountId, memberId, leaverId, at }];
  }
  if (type === 'RecordConnection') {
    const { accountId, memberId, through } = command;
    const pair = facts.filter((fact) => isWith(fact, memberId));
    if (isConnected(pair)) return [];
    if (isClosed(facts))
      return [{ type: 'ConnectionEnded', commandId, accountId, memberId, leaverId: accountId, at }];
    if (hasEnded(facts, memberId)) return [];
    const closes = standing(facts, memberId);
    return [
      { type: 'ConnectionRecorded', commandId, accountId, memberId, through, ...(closes && { closes }), at },
    ];
  }
  const { invitationId } = command;
  const sent = facts.find((fact) => fact.type === 'InvitationSent' && fact.invitationId === invitationId);
  if (sent?.type !== 'InvitationSent') return 'NOT_FOUND';
  const { inviterId, recipientId } = sent;
  const of = { commandId, invitationId, inviterId, recipientId, at };
  if (type === 'RemindRecipient') {
    const { ordinal } = command;
    const after = policy.remindersMs[ordinal - 1];
    if (after === undefined) return 'NOT_FOUND';
    if (statusOf(facts, invitationId) !== 'untouched' || isClosed(facts)) return 'NOT_OPEN';
    const isReminder = (fact: InvitationEvent) =>
      fact.type === 'InvitationReminderDue' && fact.invitationId === invitationId && fact.ordinal >= ordinal;
    if (facts.some(isReminder)) return [];
    const late = ms(at) - ms(sent.at) - after;
    if (late < 0) return 'TOO_SOON';
    const next = policy.remindersMs[ordinal];
    const untilNext = next === undefined ? policy.reminderValidityMs : next - after - 1;
    const validity = Math.min(policy.reminderValidityMs, untilNext);
    if (late > validity) return 'NOT_OPEN';
    const validUntil = new Date(ms(sent.at) + after + validity).toISOString();
    return [{ type: 'InvitationReminderDue', ...of, ordinal, validUntil }];
  }
  if (type === 'ExpireInvitation') {
    if (command.recipientId !== recipientId) return 'NOT_FOUND';
    if (standing(facts, recipientId) !== invitationId) return 'NOT_OPEN';
    const isOld = policy.invitationExpiryMs > 0 && ms(at) - ms(sent.at) >= policy.invitationExpiryMs;
    return isOld ? [{ type: 'InvitationExpired', ...of }] : 'TOO_SOON';
  }
  if (type === 'CloseInvitation') {
    if (command.recipientId !== recipientId || !isClosed(facts)) return 'NOT_FOUND';
    return standing(facts, recipientId) === invitationId ? [{ type: 'InvitationClosed', ...of }] : 'NOT_OPEN';
  }
  const mine = type === 'WithdrawInvitation' ? inviterId : recipientId;
  if (![inviterId, recipientId].includes(command.actorId)) return 'NOT_FOUND';
  if (command.actorId !== mine) return 'NOT_YOURS';
  if (isClosed(facts)) return type === 'WithdrawInvitation' ? 'NOT_FOUND' : 'NOT_OPEN';
  const answer = ANSWERS[type]![statusOf(facts, invitationId)!];
  if (!(answer in BECOMES)) return answer as RefusalCode;
  if (answer !== 'InvitationDeclined') {
    const via = type === 'AcceptInvitation' && { via: command.via };
    const message = type === 'ReplyToInvitation' && { message: command.message };
    return [{ type: answer, ...of, ...via, ...message } as InvitationEvent];
  }
  const declined = { type: answer, ...of } as const;
  const threshold = policy.restrictAfterDeclines;
  const reached = threshold > 0 && declinersSinceLift([...facts, declined]).size >= threshold;
  return reached && !isRestricted(facts)
    ? [declined, { type: 'AccountRestricted', commandId, accountId: inviterId, at }]
    : [declined];
}

function sending(facts: Facts, command: SendInvitation, policy: Policy): Expected {
  const { commandId, inviterId, recipientId, recipient, message, at } = command;
  const pair = facts.filter((fact) => isWith(fact, recipientId));
  const before = pair.findLast(({ type }) => type === 'InvitationSent');
  const sendOrWithdrawal = pair.findLast(({ type }) => /Sent$|Withdrawn$/.test(type));
  const reasons: [RefusalCode, boolean][] = [
    ['INVALID_COMMAND', inviterId === recipientId],
    ['ACCOUNT_RESTRICTED', isRestricted(facts) || isClosed(facts)],
    ['ALREADY_CONNECTED', isConnected(pair)],
    ['LIMIT_REACHED', numberSent(facts) >= policy.invitationLimit],
    ['TOO_SOON', before !== undefined && ms(at) - ms(before.at) < policy.followUpIntervalMs],
    ['EMAIL_REQUIRED', sendOrWithdrawal?.type === 'InvitationWithdrawn' && !recipient.emailMatches],
    ['RECIPIENT_UNAVAILABLE', pair.some(({ type }) => /Declined$|Ended$/.test(type)) || !recipient.available],
  ];
  const reason = reasons.find(([, holds]) => holds);
  if (reason !== undefined) return reason[0];
  const supersedes = standing(facts, recipientId);
  const invitationId = `${inviterId}.${commandId}`;
  const sent = { type: 'InvitationSent', commandId, invitationId, inviterId, recipientId, at } as const;
  return [
    { ...sent, ...(message !== undefined && { message }), ...(supersedes !== undefined && { supersedes }) },
  ];
}

/** The visible state of an account and its invitations: ids with a description of each. */
export function lists(facts: Facts) {
  const ids = facts.flatMap((fact) => (fact.type === 'InvitationSent' ? [fact.invitationId] : []));
  const all = ids.map((id) => ({
    id,
    status: statusOf(facts, id)!,
    archived: isArchived(facts, id),
  }));
  const waiting = all.filter(({ status }) =>
    ['untouched', 'replied', 'ignored', 'both', 'restored'].includes(status),
  );
  return {
    inbox: waiting
      .filter(({ archived }) => !archived)
      .map(({ id }) => id)
      .toSorted(),
    archive: waiting.filter(({ archived }) => archived).map(({ id }) => id),
    sent: all
      .filter(({ id, status }) => status !== 'closed' && (status !== 'superseded' || isFollowedUp(facts, id)))
      .map(({ id, status }) => [id, shown(facts, id, status), ...replyTo(facts, id)].join(' ')),
    connections: connections(facts),
    restriction: facts.some(({ type }) => type in RESTRICTED) ? [restriction(facts)] : [],
    reminders: all
      .filter(({ status }) => status === 'untouched')
      .map(({ id }) => `${id} ${reminded(facts, id)}`),
  };
}

const RESTRICTED: { readonly [type: string]: boolean } = {
  AccountRestricted: true,
  AccountRestrictionLifted: false,
};

function restriction(facts: Facts): string {
  const last = facts.findLast(({ type }) => type in RESTRICTED)!;
  return `${RESTRICTED[last.type]} ${last.at}`;
}

/** Removes duplicates, and keeps the first of each. */
function connections(facts: Facts): string[] {
  const since = new Map<string, string>();
  for (const fact of facts) {
    if (fact.type === 'ConnectionEnded') since.delete(fact.memberId);
    if (fact.type !== 'InvitationAccepted' && fact.type !== 'ConnectionRecorded') continue;
    const other = fact.type === 'InvitationAccepted' ? fact.recipientId : fact.memberId;
    if (!since.has(other)) since.set(other, fact.at);
  }
  return [...since].map(([other, at]) => `${other} ${at}`);
}

/** Returns the ordinal of the last reminder. */
function reminded(facts: Facts, id: string): number {
  const last = facts.findLast((fact) => fact.type === 'InvitationReminderDue' && fact.invitationId === id);
  return last?.type === 'InvitationReminderDue' ? last.ordinal : 0;
}

/** Whether the last move of an invitation was to the archive. */
const isArchived = (facts: Facts, id: string): boolean =>
  facts.findLast(
    (fact) => /Ignored$|Restored$/.test(fact.type) && 'invitationId' in fact && fact.invitationId === id,
  )?.type === 'InvitationIgnored';

/**
 * Returns the status of an invitation: that of its last event, unless a later event replaced the invitation. `both` stands for
 * an invitation in the archive with a reply from any time, and `replied` for one in the inbox.
 */
export function statusOf(facts: Facts, id: string): Status | undefined {
  const own = facts.filter(
    (fact) => 'invitationId' in fact && fact.invitationId === id && BECOMES[fact.type],
  );
  const last = own.at(-1);
  if (last === undefined || !('recipientId' in last)) return undefined;
  const since = facts.slice(facts.indexOf(last) + 1);
  const replaced = since.some(
    (fact) => isWith(fact, last.recipientId) && /InvitationSent|ConnectionRecorded/.test(fact.type),
  );
  const isOpen = /Replied$|Ignored$|Restored$/.test(last.type);
  const hasReply = own.some((fact) => fact.type === 'InvitationReplied');
  const openStatus = hasReply ? (isArchived(own, id) ? 'both' : 'replied') : BECOMES[last.type]!;
  const status = isOpen ? openStatus : BECOMES[last.type]!;
  return replaced && !ENDS.includes(status) ? 'superseded' : status;
}

/**
 * Returns the invitation to a member that is open or appears open. A declined one must look like an ignored one (D1).
 */
function standing(facts: Facts, member: string): string | undefined {
  const last = facts.findLast((fact) => fact.type === 'InvitationSent' && isWith(fact, member));
  if (last?.type !== 'InvitationSent') return undefined;
  const status = statusOf(facts, last.invitationId)!;
  return ['untouched', 'replied', 'ignored', 'both', 'restored', 'declined'].includes(status)
    ? last.invitationId
    : undefined;
}

export function declinersSinceLift(facts: Facts): Set<string> {
  const lift = facts.findLastIndex(({ type }) => type === 'AccountRestrictionLifted');
  const since = facts.slice(lift + 1);
  return new Set(since.flatMap((fact) => (fact.type === 'InvitationDeclined' ? [fact.recipientId] : [])));
}

export const numberSent = (facts: Facts): number =>
  facts.filter(({ type }) => type === 'InvitationSent').length;

const isRestricted = (facts: Facts): boolean =>
  facts.findLast(({ type }) => type.startsWith('AccountRestrict'))?.type === 'AccountRestricted';

const isConnected = (pair: Facts): boolean =>
  pair
    .findLast(({ type }) => /^(InvitationAccepted|Connection)/.test(type))
    ?.type.startsWith('ConnectionEnded') === false;

const isClosed = (facts: Facts): boolean => facts.some(({ type }) => type === 'AccountClosed');

const hasEnded = (facts: Facts, member: string): boolean =>
  facts.some((fact) => fact.type === 'ConnectionEnded' && fact.memberId === member);

const isWith = (fact: InvitationEvent, member: string): boolean =>
  'recipientId' in fact ? fact.recipientId === member : 'memberId' in fact && fact.memberId === member;

const ms = Date.parse;
