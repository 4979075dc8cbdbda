import type { Pool, Queryable } from '#libs/platform';
import { betweenTwoMailsLock } from '../invitation-sent/mail-interval.js';
import { claimColumns, CLAIMS, IS_MINE, isQueued } from './claims.sql.js';
import type { Claimed } from './delivery.js';
import { hindranceOf, type Hindrance } from './hindrance.sql.js';
import { inOneGo } from './in-one-go.js';

/** Or why it is not to be sent at all. */
export type Begun = 'begun' | 'claim lost' | Hindrance;

/**
 * Notes that transfers begin, just before they do. Until then a crash leaves a delivery that is sent later; from here
 * on, one of unknown outcome. The claim is checked here, so that of two who hold one delivery only one sends it; and
 * once more all that may forbid it.
 * @param deliveries no two of them invitations between the same two members: they would not see each other
 */
export async function beginTransfers(
  pool: Pool,
  deliveries: readonly Claimed[],
  claimMs: number,
  invitationIntervalMs: number,
): Promise<readonly Begun[]> {
  const invitations = deliveries.filter(({ kind }) => kind === 'invitation');
  if (invitations.length === 0 || invitationIntervalMs === 0) {
    return markSending(pool, deliveries, claimMs, invitationIntervalMs);
  }
  return inOneGo(pool, async (tx) => {
    // A statement of its own: the next one is to see what those have written who had the locks before. Asked for
    // together: they are run one after the other, and a failure of the first fails the second.
    const [, begun] = await Promise.all([
      betweenTwoMailsLock(tx, invitations),
      markSending(tx, deliveries, claimMs, invitationIntervalMs),
    ]);
    return begun;
  });
}

const BEGIN = `WITH looked AS MATERIALIZED (
    SELECT mine.*, ${hindranceOf('$6')} AS hindrance
    FROM ${CLAIMS} JOIN notification.deliveries d ON ${IS_MINE} AND ${isQueued('d')}),
  begun AS (
    UPDATE notification.deliveries d SET state = 'sending', due_at = now() + $5 * interval '1 millisecond'
    FROM looked mine WHERE ${IS_MINE} AND ${isQueued('d')} AND hindrance IS NULL
    RETURNING mine.place)
  SELECT looked.place::integer, hindrance, begun.place IS NOT NULL AS begun
  FROM looked LEFT JOIN begun USING (place)`;

async function markSending(
  db: Queryable,
  deliveries: readonly Claimed[],
  claimMs: number,
  invitationIntervalMs: number,
): Promise<readonly Begun[]> {
  const { rows } = await db.query<{ place: number; hindrance: Hindrance | null; begun: boolean }>({
    name: 'begin',
    text: BEGIN,
    values: [...claimColumns(deliveries), claimMs, invitationIntervalMs],
  });
  const found = new Map(rows.map((row) => [row.place, row]));
  return deliveries.map((_, index) => {
    const row = found.get(index + 1);
    if (row?.begun) return 'begun';
    return row?.hindrance ?? 'claim lost';
  });
}
