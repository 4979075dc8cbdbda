import type { InvitationEvent, Policy } from '#libs/invitation';
import {
  accepted,
  accountClosed,
  connected,
  declined,
  ended,
  expired,
  ignored,
  INVITATION,
  minute,
  reminded,
  replied,
  restored,
  restricted,
  sent,
  withdrawn,
} from '../support/story.js';

export interface State {
  readonly title: string;
  readonly meaning: string;
  readonly history: readonly InvitationEvent[];
  readonly policy?: Partial<Policy>;
  /** Restricts the rows; without it the section has all rows. */
  readonly only?: 'sending';
}

/** The states of the first invitation, then the states of the account and the pair that matter for sending. */
export const STATES: readonly State[] = [
  { title: 'No invitation', meaning: 'Amal never invited Bilal.', history: [] },
  {
    title: 'Untouched',
    meaning: 'Bilal has not reacted. The invitation is in his inbox.',
    history: [sent(1)],
  },
  {
    title: 'Untouched, reminded once',
    meaning: 'The first reminder was sent.',
    history: [sent(1), reminded(2, 1, minute(9))],
  },
  {
    title: 'Replied',
    meaning: 'Bilal replied instead of accepting. The invitation stays open.',
    history: [sent(1), replied(2)],
  },
  {
    title: 'Ignored',
    meaning:
      'The invitation is in the archive. Amal cannot see this: her outcomes are those of _Untouched_ (D1).',
    history: [sent(1), ignored(2)],
  },
  {
    title: 'Replied and ignored',
    meaning:
      'Bilal replied and ignored the invitation, in either order. It is in the archive. Amal cannot see the ignore: her outcomes are those of _Replied_ (D17).',
    history: [sent(1), replied(2), ignored(3)],
  },
  {
    title: 'Restored',
    meaning:
      'Bilal ignored the invitation and moved it back to his inbox. Amal cannot see this: her outcomes are those of _Untouched_ (D1). No reminder follows (D20).',
    history: [sent(1), ignored(2), restored(3)],
  },
  {
    title: 'Replied, ignored and restored',
    meaning: 'As _Replied_: the reply is kept (D17, D20).',
    history: [sent(1), replied(2), ignored(3), restored(4)],
  },
  {
    title: 'Ignored, one decline short of a restriction',
    meaning: 'As _Ignored_, but the next decline restricts the account.',
    history: [sent(1), ignored(2)],
    policy: { restrictAfterDeclines: 1 },
  },
  { title: 'Accepted', meaning: 'The two are connected.', history: [sent(1), accepted(2)] },
  {
    title: 'Declined',
    meaning:
      'Bilal said that he does not know Amal. She can only see that a new invitation is refused, with a code that has ' +
      'other causes too (D1, D4).',
    history: [sent(1), ignored(2), declined(3)],
  },
  {
    title: 'Withdrawn',
    meaning: 'Amal withdrew the invitation. The next one requires the address.',
    history: [sent(1), withdrawn(2)],
  },
  {
    title: 'Withdrawn after a decline',
    meaning: 'As _Withdrawn_, but the bar of the decline remains (D3).',
    history: [sent(1), ignored(2), declined(3), withdrawn(4)],
  },
  {
    title: 'Expired',
    meaning:
      'The invitation was open for too long, and nobody was told. The outcomes are the same whether it was untouched, replied to or ignored.',
    history: [sent(1), ignored(2), expired(3)],
  },
  {
    title: 'Expired after a decline',
    meaning: 'As _Expired_, but the bar of the decline remains (D22).',
    history: [sent(1), ignored(2), declined(3), expired(4)],
  },
  {
    title: 'Superseded by a follow-up',
    meaning: 'The commands are about the first of the two invitations. The second is _Untouched_.',
    history: [sent(1), sent(2, { supersedes: INVITATION })],
  },
  {
    title: 'Superseded by a connection',
    meaning: 'Amal accepted an invitation of Bilal’s, which closed her own.',
    history: [sent(1), connected(2, INVITATION)],
  },
  {
    title: 'Account restricted',
    meaning:
      'Too many recipients declined. The account can send nothing and can do everything else. Here it has an untouched invitation.',
    history: [sent(1), restricted(2)],
  },
  {
    title: 'Account of the inviter closed',
    meaning:
      'Amal has left. Her account can send nothing, and its invitation can no longer be answered (D23). Here it was untouched.',
    history: [sent(1), accountClosed(2)],
  },
  {
    title: 'Account of the recipient closed',
    meaning:
      'Bilal has left after the two were connected. Amal’s account only shows that the connection has ended.',
    history: [sent(1), accepted(2), ended(3)],
  },
  {
    title: 'Account at its limit',
    meaning: 'A withdrawal does not reduce the count.',
    history: [sent(1)],
    policy: { invitationLimit: 1 },
    only: 'sending',
  },
  {
    title: 'Too soon after the last invitation to Bilal',
    meaning: 'The outcome does not depend on what happened to the last invitation.',
    history: [sent(1)],
    policy: { followUpIntervalMs: 400 * 24 * 60 * 60_000 },
    only: 'sending',
  },
];

/** The rules for each outcome, by row and outcome or by outcome alone. */
const RULES: Readonly<Record<string, string>> = {
  InvitationSent: 'R5',
  'InvitationSent, superseding the first': 'R21, D2',
  InvitationAccepted: 'R10, R18, D5',
  InvitationReplied: 'R15, D5',
  InvitationIgnored: 'R19, R20',
  InvitationRestored: 'D20',
  InvitationDeclined: 'R24, R25',
  'InvitationDeclined, AccountRestricted': 'R24–R26',
  InvitationWithdrawn: 'R31, D3',
  InvitationReminderDue: 'R6, D6',
  InvitationExpired: 'D22',
  'expiry: NOT_OPEN': 'D22',
  'expiry: NOT_FOUND': 'D22',
  'expiry: TOO_SOON': 'D22',
  'reminder: nothing more': 'D6',
  'reminder: NOT_OPEN': 'R22, D6',
  'reminder: NOT_FOUND': 'D6',
  'reminder: TOO_SOON': 'D6',
  ConnectionRecorded: 'D8',
  'ConnectionRecorded, closing the first': 'D8',
  'connection: nothing more': 'D8',
  AccountRestrictionLifted: 'D7',
  AccountClosed: 'D23',
  'close: nothing more': 'D23',
  InvitationClosed: 'D23',
  'close-invitation: NOT_FOUND': 'D23',
  'close-invitation: NOT_OPEN': 'D23',
  ConnectionEnded: 'D23',
  'end: nothing more': 'D23',
  'lift: NOT_FOUND': 'D7',
  'restore: NOT_IGNORED': 'D20',
  'restore: ALREADY_ANSWERED': 'D20',
  NOT_IGNORED: 'R23',
  'decline: ALREADY_ANSWERED': 'R23, D5',
  'reply: ALREADY_ANSWERED': 'R15, D5, D17',
  'withdraw: ALREADY_ANSWERED': 'D3',
  ALREADY_ANSWERED: 'D5',
  NOT_OPEN: 'R32, D2, D8, D22, D23',
  NOT_YOURS: 'D4, D11',
  NOT_FOUND: 'D4, D11',
  LIMIT_REACHED: 'R2, R35',
  ACCOUNT_RESTRICTED: 'R26, D7, D23',
  ALREADY_CONNECTED: 'D8',
  TOO_SOON: 'D2',
  EMAIL_REQUIRED: 'R34, D4',
  RECIPIENT_UNAVAILABLE: 'R25, D4, D23',
};

/** @throws for an outcome without a rule */
export function ruleOf(key: string, answer: string): string {
  const rule = RULES[`${key}: ${answer}`] ?? RULES[answer];
  if (rule === undefined) throw new Error(`RULES lacks an entry for "${key}: ${answer}"`);
  return rule;
}

/** Describes the events of an accepted command, with their effects on other invitations. */
export function inWords(events: readonly InvitationEvent[]): string {
  if (events.length === 0) return 'nothing more';
  return events
    .map((event) => {
      if (event.type === 'InvitationSent' && event.supersedes === INVITATION)
        return `${event.type}, superseding the first`;
      if (event.type === 'ConnectionRecorded' && event.closes !== undefined)
        return `${event.type}, closing the first`;
      return event.type;
    })
    .join(', ');
}
