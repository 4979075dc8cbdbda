/** So many at once; as many again after each period, one by one. */
export interface Rate {
  readonly count: number;
  /** In milliseconds. */
  readonly periodMs: number;
}

/** How long one token takes to come back, in milliseconds. Whole ones: sums of fractions would miss the last token. */
export const costMs = ({ count, periodMs }: Rate): number => Math.floor(periodMs / count);

/** From empty to full, in milliseconds: the period, but for what does not divide. */
export const fillMs = (rate: Rate): number => costMs(rate) * rate.count;

export type Taking =
  | { readonly taken: true; readonly fullAt: number }
  | { readonly taken: false; readonly retryAfterMs: number };

/**
 * Takes a token from a bucket.
 * @param fullAt when the bucket is full again; undefined for one that nothing was taken from
 */
export function take(rate: Rate, fullAt: number | undefined, nowMs: number): Taking {
  const next = Math.max(fullAt ?? nowMs, nowMs) + costMs(rate);
  const retryAfterMs = next - nowMs - fillMs(rate);
  return retryAfterMs > 0 ? { taken: false, retryAfterMs } : { taken: true, fullAt: next };
}
