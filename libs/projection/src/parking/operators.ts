import type { Queryable } from '#libs/platform';
import type { ParkedEvent } from './parked-event.js';

/** A parked account as an operator sees it. */
export interface ParkedAccount {
  readonly projection: string;
  readonly generation: number;
  readonly accountId: string;
  readonly error: string;
  readonly parkedAt: string;
  readonly attempts: number;
  readonly wanted: 'retry' | 'skip' | null;
  /** Events that wait. */
  readonly waiting: number;
  /** The one that could not be handled. */
  readonly first: { readonly id: string; readonly type: string; readonly revision: string };
}

/** @param projection all projections without it; likewise all accounts */
export async function listParked(
  db: Queryable,
  projection?: string,
  accountId?: string,
): Promise<readonly ParkedAccount[]> {
  const { rows } = await db.query<Omit<ParkedAccount, 'first'> & { event: ParkedEvent }>(
    `SELECT projection, generation, account_id AS "accountId", error, parked_at AS "parkedAt", attempts, wanted,
       (SELECT count(*)::int FROM read_models.parked_events e WHERE ${SAME}) AS waiting,
       (SELECT event FROM read_models.parked_events e WHERE ${SAME}
          ORDER BY commit_position, prepare_position LIMIT 1) AS event
     FROM read_models.parked_accounts a
     WHERE projection = coalesce($1, projection) AND account_id = coalesce($2, account_id)
     ORDER BY projection, generation, parked_at, account_id`,
    [projection ?? null, accountId ?? null],
  );
  // Not picked from the event in SQL, which cannot look into JSON with a NUL in it.
  return rows.map(({ event: { id, type, revision }, ...account }) => ({
    ...account,
    first: { id, type, revision },
  }));
}

const SAME = `e.projection = a.projection AND e.generation = a.generation AND e.account_id = a.account_id`;

/**
 * Asks the owner of the account's slice to try again, or to go on without the first event; it does at its next heartbeat.
 * @param seen as the operator has seen it: a skip is of the event that stood first then, never of one behind it
 * @returns false when the account is parked otherwise by now, or something else is being done about it
 */
export async function askFor(
  db: Queryable,
  wanted: 'retry' | 'skip',
  { projection, generation, accountId, attempts, parkedAt }: ParkedAccount,
): Promise<boolean> {
  // All conditions are of the row itself: PostgreSQL holds them against it anew after a wait for its lock.
  const { rowCount } = await db.query(
    `UPDATE read_models.parked_accounts SET wanted = $4
     WHERE projection = $1 AND generation = $2 AND account_id = $3 AND coalesce(wanted, $4) = $4
       AND attempts = $5 AND date_trunc('milliseconds', parked_at) = $6`,
    [projection, generation, accountId, wanted, attempts, parkedAt],
  );
  return rowCount === 1;
}
