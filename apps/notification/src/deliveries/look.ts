import type { Queryable } from '#libs/platform';
import { findMembers, type Member } from '../members/members.table.js';
import { claimColumns, CLAIMS, IS_MINE } from './claims.sql.js';
import type { Claimed } from './delivery.js';
import { hindranceOf, type Hindrance } from './hindrance.sql.js';

/** What counts for some deliveries, as of a moment: who the members are, and what speaks against sending. */
export interface Look {
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
  readonly members: ReadonlyMap<string, Member>;
  readonly hindranceOf: (delivery: Claimed) => Hindrance | undefined;
}

const LOOK = `SELECT * FROM (
    SELECT mine.place::integer, ${hindranceOf('$5')} AS hindrance
    FROM ${CLAIMS} JOIN notification.deliveries d ON ${IS_MINE}) looked
  WHERE hindrance IS NOT NULL`;

export async function lookAt(
  db: Queryable,
  deliveries: readonly Claimed[],
  invitationIntervalMs: number,
): Promise<Look> {
  const atMs = performance.now();
  const { rows } = await db.query<{ place: number; hindrance: Hindrance }>({
    // Prepared once a connection: to plan it costs more than to run it.
    name: 'look',
    text: LOOK,
    values: [...claimColumns(deliveries), invitationIntervalMs],
  });
  const hindrances = new Map(rows.map(({ place, hindrance }) => [deliveries[place - 1], hindrance]));
  const ids = new Set(deliveries.flatMap(({ recipientId, aboutId }) => [recipientId, aboutId]));
  return {
    atMs,
    members: await findMembers(db, [...ids]),
    hindranceOf: (delivery) => hindrances.get(delivery),
  };
}
