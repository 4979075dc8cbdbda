import type { RecordedEvent } from '#libs/event-store';

/** An event as the log has it, by its place and its slice; what is in it does not matter. */
export function recorded(n: number, slice: number, accountId = `account-${slice}`): RecordedEvent {
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
