import type { RawEvent } from '#libs/event-store';

/** Creates an event with a position and a slice, and irrelevant data. */
export function rawEvent(n: number, slice: number, accountId = `account-${slice}`): RawEvent {
  return {
    id: String(n),
    type: 'InvitationSent',
    streamId: `account-${slice.toString(16).padStart(2, '0')}-${accountId}`,
    accountId,
    slice,
    revision: BigInt(n),
    created: new Date(Date.UTC(2026, 0, 5, 9, 0, n)),
    data: {},
    metadata: {},
    position: { commit: BigInt(n), prepare: BigInt(n) },
  };
}
