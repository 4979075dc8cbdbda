import type {
  AcceptInvitation,
  Command,
  InvitationEvent,
  InvitationExpired,
  InvitationSent,
  RecipientFacts,
  SendInvitation,
} from '#libs/invitation';

/** A small cast for given/when/then specs: Amal invites Bilal. Times are those of a fixed clock. */
export const AMAL = 'amal';
export const BILAL = 'bilal';
export const STRANGER = 'chiara';

/** Returns a command id for a number. */
export const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Returns the time some minutes after a fixed instant. */
export const minute = (n: number): string => new Date(Date.UTC(2026, 0, 5, 9, n)).toISOString();

export const AVAILABLE: RecipientFacts = { available: true, emailMatches: false };

export const INVITATION = `${AMAL}.${id(1)}`;
const ofFirst = { invitationId: INVITATION, inviterId: AMAL, recipientId: BILAL };

export function send(n: number, change: Partial<SendInvitation> = {}): SendInvitation {
  return {
    type: 'SendInvitation',
    commandId: id(n),
    inviterId: AMAL,
    recipientId: BILAL,
    recipient: AVAILABLE,
    at: minute(n),
    ...change,
  };
}

export function accept(n: number, change: Partial<AcceptInvitation> = {}): AcceptInvitation {
  return { ...act('AcceptInvitation', n), via: 'site', ...change };
}

/** Creates a command on the first invitation, by default from its recipient. */
export function act<Type extends Command['type']>(type: Type, n: number, actorId = BILAL) {
  return { type, commandId: id(n), invitationId: INVITATION, actorId, at: minute(n) };
}

export function sent(n: number, change: Partial<InvitationSent> = {}): InvitationSent {
  return {
    type: 'InvitationSent',
    commandId: id(n),
    invitationId: `${AMAL}.${id(n)}`,
    inviterId: AMAL,
    recipientId: BILAL,
    at: minute(n),
    ...change,
  };
}

const happened = (n: number) => ({ commandId: id(n), ...ofFirst, at: minute(n) });

/** Events of the first invitation. */
export const accepted = (n: number, via: 'site' | 'email' = 'site'): InvitationEvent => ({
  type: 'InvitationAccepted',
  ...happened(n),
  via,
});
export const replied = (n: number, message = 'Who are you?'): InvitationEvent => ({
  type: 'InvitationReplied',
  ...happened(n),
  message,
});
export const ignored = (n: number): InvitationEvent => ({ type: 'InvitationIgnored', ...happened(n) });
export const restored = (n: number): InvitationEvent => ({ type: 'InvitationRestored', ...happened(n) });
export const declined = (n: number): InvitationEvent => ({ type: 'InvitationDeclined', ...happened(n) });
export const withdrawn = (n: number): InvitationEvent => ({ type: 'InvitationWithdrawn', ...happened(n) });

export const closed = (n: number): InvitationEvent => ({ type: 'InvitationClosed', ...happened(n) });
export const expired = (n: number): InvitationExpired => ({ type: 'InvitationExpired', ...happened(n) });

/** A decline by another recipient, with the events before it. */
export function declinedBy(recipientId: string, n: number): InvitationEvent[] {
  const invitation = sent(n, { recipientId });
  const { type: _type, ...of } = invitation;
  return [
    invitation,
    { ...of, type: 'InvitationIgnored', commandId: id(n + 1) },
    { ...of, type: 'InvitationDeclined', commandId: id(n + 2) },
  ];
}

export const restricted = (n: number): InvitationEvent => ({
  type: 'AccountRestricted',
  commandId: id(n),
  accountId: AMAL,
  at: minute(n),
});

export const lifted = (n: number): InvitationEvent => ({
  type: 'AccountRestrictionLifted',
  commandId: id(n),
  accountId: AMAL,
  operatorId: 'olga',
  reason: 'talked to them',
  at: minute(n),
});

export const reminded = (n: number, ordinal: number, validUntil: string): InvitationEvent => ({
  type: 'InvitationReminderDue',
  ...happened(n),
  ordinal,
  validUntil,
});

/** The connection in Amal's account after she accepted an invitation from Bilal. */
export const connected = (n: number, closes?: string): InvitationEvent => ({
  type: 'ConnectionRecorded',
  commandId: id(n),
  accountId: AMAL,
  memberId: BILAL,
  through: `${BILAL}.${id(70)}`,
  ...(closes === undefined ? {} : { closes }),
  at: minute(n),
});

/** Amal's account is closed. */
export const accountClosed = (n: number): InvitationEvent => ({
  type: 'AccountClosed',
  commandId: id(n),
  accountId: AMAL,
  operatorId: 'olga',
  at: minute(n),
});

/** The end of the connection in Amal's account, because one of the two accounts was closed. */
export const ended = (n: number, leaverId = BILAL): InvitationEvent => ({
  type: 'ConnectionEnded',
  commandId: id(n),
  accountId: AMAL,
  memberId: BILAL,
  leaverId,
  at: minute(n),
});
