/** The configurable numbers of the rules. They are an argument of every decision, so that a replay can change them. */
export interface Policy {
  /** Invitations that an account can send, in total (R2). */
  readonly invitationLimit: number;
  /** Declines by different recipients that restrict an account (R26); 0 turns restriction off. */
  readonly restrictAfterDeclines: number;
  /** The shortest time between two invitations to one recipient, in milliseconds (D2). */
  readonly followUpIntervalMs: number;
  /** When the reminders of an invitation are due, in milliseconds after it was sent, ascending (D6). */
  readonly remindersMs: readonly number[];
  /** How long a due reminder may still be sent, in milliseconds. */
  readonly reminderValidityMs: number;
  /** How long an invitation may be open, in milliseconds after it was sent; 0 for ever (D22). */
  readonly invitationExpiryMs: number;
}

const DAY = 24 * 60 * 60 * 1000;

export const DEFAULT_POLICY: Policy = {
  invitationLimit: 3000,
  restrictAfterDeclines: 5,
  followUpIntervalMs: 0,
  remindersMs: [7 * DAY, 14 * DAY, 21 * DAY],
  reminderValidityMs: 2 * DAY,
  invitationExpiryMs: 0,
};
