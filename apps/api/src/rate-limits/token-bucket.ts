import type { Rate } from '../config/config-validators.js';

/** Milliseconds until one token is refilled. A whole number: sums of fractions would miss the last token. */
export const costMs = ({ count, periodMs }: Rate): number => Math.floor(periodMs / count);

/** Milliseconds from empty to full: the period, minus the remainder of the division. */
export const fillMs = (rate: Rate): number => costMs(rate) * rate.count;

type TakeResult =
  | { readonly taken: true; readonly fullAt: number }
  | { readonly taken: false; readonly retryAfterMs: number };

/**
 * Takes a token from a bucket.
 * @param fullAt when the bucket is full again; undefined for an unused bucket
 */
export function takeToken(rate: Rate, fullAt: number | undefined, nowMs: number): TakeResult {
  const next = Math.max(fullAt ?? nowMs, nowMs) + costMs(rate);
  const retryAfterMs = next - nowMs - fillMs(rate);
  return retryAfterMs > 0 ? { taken: false, retryAfterMs } : { taken: true, fullAt: next };
}
