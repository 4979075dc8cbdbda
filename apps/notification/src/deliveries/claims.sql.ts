import type { Claimed } from './delivery.js';

/** Claimed deliveries as rows, from the first four parameters of a statement. */
export const CLAIMS = `unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
  WITH ORDINALITY AS mine (event_id, recipient_id, kind, claim, place)`;

/** The row `d` of the ledger is that of the claim, and the claim is still ours. */
export const IS_MINE = `d.event_id = mine.event_id AND d.recipient_id = mine.recipient_id AND d.kind = mine.kind
  AND d.claim = mine.claim`;

/** Those four parameters. */
export const claimColumns = (deliveries: readonly Claimed[]) => [
  deliveries.map(({ eventId }) => eventId),
  deliveries.map(({ recipientId }) => recipientId),
  deliveries.map(({ kind }) => kind),
  deliveries.map(({ claim }) => claim),
];

/**
 * Whether a row is queued, said so that the planner does not see in it the condition of the index of what is due: where
 * its statistics are from before a flood it takes that for almost empty, and walks through the whole queue for one row.
 */
export const isQueued = (row: string): string => `CASE ${row}.state WHEN 'queued' THEN true ELSE false END`;
