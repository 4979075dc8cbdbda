import { STREAM_PREFIX } from './streams.js';

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
}

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
