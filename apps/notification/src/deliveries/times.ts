/** How long what takes, in milliseconds. */
export interface DeliveryTimes {
  /** For how long a claim stands unless it is renewed: after it whoever held it is taken for dead. */
  readonly claimMs: number;
  /** Between looks at the queue while nothing wakes the sender. */
  readonly pollMs: number;
  /** The first wait after a server's "later", doubled each time up to the most. */
  readonly retryMs: number;
  readonly longestRetryMs: number;
  /** The first and the longest wait for a member who is not known yet; their profile ends it sooner. */
  readonly memberMs: number;
  readonly longestMemberMs: number;
  /** The first and the longest pause while there is no SMTP server; for what met its absence, too. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** From the event's arrival on; then an e-mail is no longer tried. */
  readonly giveUpMs: number;
}

export const DELIVERY_TIMES: DeliveryTimes = {
  claimMs: 10_000,
  pollMs: 1_000,
  retryMs: 15_000,
  longestRetryMs: 30 * 60_000,
  memberMs: 1_000,
  longestMemberMs: 5 * 60_000,
  pauseMs: 500,
  longestPauseMs: 10_000,
  giveUpMs: 24 * 60 * 60_000,
};

/** Doubles with each attempt; between half and all of that, so that what failed together does not come back together. */
export const waitMs = (attempts: number, firstMs: number, longestMs: number, random = Math.random): number =>
  Math.min(longestMs, firstMs * 2 ** Math.min(attempts, 30)) * (0.5 + random() / 2);
