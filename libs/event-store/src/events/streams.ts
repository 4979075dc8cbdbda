import { hash } from 'node:crypto';

/** How many slices all accounts are divided into. It never changes: a worker subscribes to the streams of its slices. */
export const SLICES = 64;

export const STREAM_PREFIX = 'account-';

/** The slice of an account as two hex digits, `00` to `3f`: the low six bits of the first byte of SHA-256 of its id. */
export function sliceOf(accountId: string): string {
  const [first] = hash('sha256', accountId, 'buffer');
  return hexOf(first! % SLICES);
}

/** The name of an account's stream, which holds every event of the account. */
export function streamOf(accountId: string): string {
  return `${STREAM_PREFIX}${sliceOf(accountId)}-${accountId}`;
}

/** The prefixes of the streams in some slices; one prefix for all slices. */
export function streamPrefixesOf(slices: readonly number[]): string[] {
  if (slices.length === SLICES) return [STREAM_PREFIX];
  return slices.map((slice) => `${STREAM_PREFIX}${hexOf(slice)}-`);
}

const hexOf = (slice: number): string => slice.toString(16).padStart(2, '0');
