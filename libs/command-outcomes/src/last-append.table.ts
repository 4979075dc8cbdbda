import type { Queryable } from '#libs/platform';

/** An event at the end of an append. */
export interface AppendedEvent {
  readonly accountId: string;
  /** Of the account's stream. */
  readonly revision: bigint;
  readonly eventId: string;
}

/** @returns the last append that was recorded, with its time in ISO 8601; undefined if there is none */
export async function findLastAppend(
  db: Queryable,
): Promise<(AppendedEvent & { readonly recordedAt: string }) | undefined> {
  const { rows } = await db.query<{ account_id: string; revision: string; event_id: string; at: string }>(
    'SELECT account_id, revision::text, event_id, recorded_at AS at FROM read_models.last_append',
  );
  const row = rows[0];
  return (
    row && {
      accountId: row.account_id,
      revision: BigInt(row.revision),
      eventId: row.event_id,
      recordedAt: row.at,
    }
  );
}

/** Replaces the recorded append. Several processes record theirs: any of them will do. */
export async function recordLastAppend(
  db: Queryable,
  { accountId, revision, eventId }: AppendedEvent,
  recordedAt: string,
): Promise<void> {
  await db.query(
    `INSERT INTO read_models.last_append (account_id, revision, event_id, recorded_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (is_only_row) DO UPDATE
     SET account_id = excluded.account_id, revision = excluded.revision, event_id = excluded.event_id,
       recorded_at = excluded.recorded_at`,
    [accountId, revision.toString(), eventId, recordedAt],
  );
}
