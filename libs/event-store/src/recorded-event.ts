import type { Place } from './place.js';
import { STREAM_PREFIX } from './streams.js';

/** An event as the log has it: not decoded, for not every version can. */
export interface RecordedEvent {
  readonly id: string;
  readonly type: string;
  readonly streamId: string;
  readonly accountId: string;
  readonly slice: number;
  readonly revision: bigint;
  readonly created: Date;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly position: Place;
}

/** `account-3f-`, before the account. */
const STREAM = new RegExp(`^${STREAM_PREFIX}[0-3][0-9a-f]-.`, 's');
const SLICE_AT = STREAM_PREFIX.length;
const ACCOUNT_AT = SLICE_AT + 3;

/**
 * Undefined for what is in no account's stream, for a prefix matches more than one means, and for the store's own events
 * in one: that it was deleted for ever, say.
 */
export function recordedEvent(event: Omit<RecordedEvent, 'accountId' | 'slice'>): RecordedEvent | undefined {
  const { id, type, streamId, revision, created, data, metadata, position } = event;
  if (!STREAM.test(streamId) || type.startsWith('$')) return undefined;
  const slice = Number.parseInt(streamId.slice(SLICE_AT, SLICE_AT + 2), 16);
  const accountId = streamId.slice(ACCOUNT_AT);
  return { id, type, streamId, accountId, slice, revision, created, data, metadata, position };
}
