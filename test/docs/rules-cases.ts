import type { InvitationEvent, Policy } from '#libs/invitation';
import {
  accepted,
  connected,
  declined,
  ignored,
  INVITATION,
  minute,
  reminded,
  replied,
  restricted,
  sent,
  withdrawn,
} from '../support/story.js';

export interface State {
  readonly title: string;
  readonly meaning: string;
  readonly history: readonly InvitationEvent[];
  readonly policy?: Partial<Policy>;
  /** Only the rows of these; all of them unless said. */
  readonly only?: 'sending';
}

/** The first invitation's states, then those of the account and the pair that bear on sending. */
export const STATES: readonly State[] = [
  { title: 'No invitation', meaning: 'Amal never invited Bilal.', history: [] },
  {
    title: 'Untouched',
    meaning: 'Bilal has not reacted; the invitation is in the inbox.',
    history: [sent(1)],
  },
  {
    title: 'Untouched, reminded once',
    meaning: 'The first reminder has gone out.',
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
      'The invitation is in the archive. To Amal nothing shows: her lines are those of _Untouched_ (D1).',
    history: [sent(1), ignored(2)],
  },
  {
    title: 'Ignored, one decline short of a restriction',
    meaning: 'As _Ignored_, but the next decline is the last that the account is allowed.',
    history: [sent(1), ignored(2)],
    policy: { restrictAfterDeclines: 1 },
  },
  { title: 'Accepted', meaning: 'The two are connected.', history: [sent(1), accepted(2)] },
  {
    title: 'Declined',
    meaning:
      'Bilal does not know Amal. To her nothing shows but that a new invitation is refused, with a code that has other ' +
      'causes too (D1, D4).',
    history: [sent(1), ignored(2), declined(3)],
  },
  {
    title: 'Withdrawn',
    meaning: 'Amal took it back. The next invitation needs the address.',
    history: [sent(1), withdrawn(2)],
  },
  {
    title: 'Withdrawn after a decline',
    meaning: 'As _Withdrawn_, but the bar outlives the withdrawal (D3).',
    history: [sent(1), ignored(2), declined(3), withdrawn(4)],
  },
  {
    title: 'Superseded by a follow-up',
    meaning: 'The lines about an invitation are about the first of the two; the second is _Untouched_.',
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
      'Too many declined. The account can send nothing and do all else; here with an untouched invitation.',
    history: [sent(1), restricted(2)],
  },
  {
    title: 'Account at its limit',
    meaning: 'Withdrawing gives nothing back.',
    history: [sent(1)],
    policy: { invitationLimit: 1 },
    only: 'sending',
  },
  {
    title: 'Too soon after the last invitation to Bilal',
    meaning: 'Whatever became of the last one.',
    history: [sent(1)],
    policy: { followUpIntervalMs: 400 * 24 * 60 * 60_000 },
    only: 'sending',
  },
];

/** By which rule a row has its answer: first by what was asked and answered, else by the answer alone. */
const RULES: Readonly<Record<string, string>> = {
  InvitationSent: 'R5',
  'InvitationSent, superseding the first': 'R21, D2',
  InvitationAccepted: 'R10, R18, D5',
  InvitationReplied: 'R15, D5',
  InvitationIgnored: 'R19, R20',
  InvitationDeclined: 'R24, R25',
  'InvitationDeclined, AccountRestricted': 'R24–R26',
  InvitationWithdrawn: 'R31, D3',
  InvitationReminderDue: 'R6, D6',
  'reminder: nothing more': 'D6',
  'reminder: NOT_OPEN': 'R22, D6',
  'reminder: NOT_FOUND': 'D6',
  'reminder: TOO_SOON': 'D6',
  ConnectionRecorded: 'D8',
  'ConnectionRecorded, closing the first': 'D8',
  'connection: nothing more': 'D8',
  AccountRestrictionLifted: 'D7',
  'lift: NOT_FOUND': 'D7',
  NOT_IGNORED: 'R23',
  'decline: ALREADY_ANSWERED': 'R23, D5',
  'withdraw: ALREADY_ANSWERED': 'D3',
  ALREADY_ANSWERED: 'D5',
  NOT_OPEN: 'R32, D2, D8',
  NOT_YOURS: 'D4, D11',
  NOT_FOUND: 'D4, D11',
  LIMIT_REACHED: 'R2, R35',
  ACCOUNT_RESTRICTED: 'R26, D7',
  ALREADY_CONNECTED: 'D8',
  TOO_SOON: 'D2',
  EMAIL_REQUIRED: 'R34, D4',
  RECIPIENT_UNAVAILABLE: 'R25, D4',
};

/** @throws for an answer that no rule is known for: it needs one before it may be documented. */
export function ruleOf(key: string, answer: string): string {
  const rule = RULES[`${key}: ${answer}`] ?? RULES[answer];
  if (rule === undefined) throw new Error(`no rule is written down for "${key}: ${answer}"`);
  return rule;
}

/** The answer in words: the events, with what they say of other invitations, or the code. */
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
