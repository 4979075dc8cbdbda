import type { InvitationEvent, RefusalCode } from '#libs/invitation';

/** Something that happened and would not have happened under the other policy, or the reverse. */
export interface Difference {
  readonly accountId: string;
  readonly kind: DifferenceKind;
  readonly at: string;
  /** The type of the event that happened, or would have. */
  readonly type: InvitationEvent['type'];
  readonly invitationId?: string;
  /** Why an invitation would have been refused. */
  readonly code?: RefusalCode;
}

/** The kinds of differences, with their explanations. */
export const DIFFERENCE_KINDS = {
  refused: 'an invitation that was sent would have been refused',
  void: 'what was done would have had nothing to be done to, since an invitation or a restriction would not be there',
  restricted: 'the account would have been restricted then, and was not',
  'not-restricted': 'the account was restricted then, and would not have been',
  reminded: 'a reminder would have been sent, and was not',
  'not-reminded': 'a reminder was sent, and would not have been',
  expired: 'an invitation would have expired then, and did not',
  'not-expired': 'an invitation expired, and would not have by then',
  changed: 'it would have happened, but not quite the same: a follow-up would not have been one, say',
} as const;

export type DifferenceKind = keyof typeof DIFFERENCE_KINDS;
