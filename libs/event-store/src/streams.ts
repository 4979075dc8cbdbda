import { hash } from 'node:crypto';

/** Slices that accounts are spread over, for ever: a worker asks the server for the streams of the slices it owns. */
export const SLICES = 64;

export const STREAM_PREFIX = 'account-';

/** Two hex digits, `00` to `3f`: the low six bits of the first byte of SHA-256 of the account's id. */
export function sliceOf(accountId: string): string {
  const [first] = hash('sha256', accountId, 'buffer');
  return (first! % SLICES).toString(16).padStart(2, '0');
}

/** All that an account does and suffers as an inviter is in this one stream. */
export function streamOf(accountId: string): string {
  return `${STREAM_PREFIX}${sliceOf(accountId)}-${accountId}`;
}
