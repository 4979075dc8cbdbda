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

/** A position in `$all`. Both numbers are unsigned 64-bit: BigInt here, `numeric(20)` in a table, text in JSON. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** @param other undefined for the position before the first event */
export function isAfter(position: LogPosition, other: LogPosition | undefined): boolean {
  if (other === undefined || position.commit !== other.commit)
    return position.commit > (other?.commit ?? -1n);
  return position.prepare > other.prepare;
}

/** The lowest of the positions; undefined, the position before the first event, if any of them is undefined. */
export function lowestPosition(positions: readonly (LogPosition | undefined)[]): LogPosition | undefined {
  let low = positions[0];
  for (const position of positions) {
    if (position === undefined) return undefined;
    if (low !== undefined && isAfter(low, position)) low = position;
  }
  return low;
}

/** An event of an account as it is stored. It is not decoded, because this version may be unable to. */
export interface RawEvent {
  readonly id: string;
  readonly type: string;
  readonly streamId: string;
  readonly accountId: string;
  readonly slice: number;
  readonly revision: bigint;
  readonly created: Date;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly position: LogPosition;
  /** The decrypted text, if the data has an encrypted one and it was decrypted; null if it cannot be read any more. */
  readonly text?: string | null;
}

/** An event that this version cannot decode: a newer version wrote it, or another application. The message names no values. */
export class UnknownEventError extends Error {}

/** `account-3f-` and a member id. PostgreSQL could not even store other names, such as those with a NUL. */
const ACCOUNT_STREAM = new RegExp(`^${STREAM_PREFIX}[0-3][0-9a-f]-[A-Za-z0-9_-]{1,64}$`);
const SLICE_AT = STREAM_PREFIX.length;
const ACCOUNT_AT = SLICE_AT + 3;

/**
 * Adds the account and its slice to a recorded event. Undefined for an event in another stream (a prefix may match more than
 * accounts), and for an event of the store itself, such as `$metadata` or a link.
 */
export function toRawEvent(event: Omit<RawEvent, 'accountId' | 'slice'>): RawEvent | undefined {
  const { id, type, streamId, revision, created, data, metadata, position } = event;
  if (!ACCOUNT_STREAM.test(streamId) || type.startsWith('$')) return undefined;
  const slice = Number.parseInt(streamId.slice(SLICE_AT, SLICE_AT + 2), 16);
  const accountId = streamId.slice(ACCOUNT_AT);
  return { id, type, streamId, accountId, slice, revision, created, data, metadata, position };
}
