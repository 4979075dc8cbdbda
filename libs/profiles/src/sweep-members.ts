import type { QueryConfig } from 'pg';
import { MEMBER_ID } from '#libs/contracts';
import { readTopicToEnd, type ConsumedMessage, type Kafka } from '#libs/kafka';
import { beginStatement, MAY_BE_IDLE, type Pool, type PoolClient } from '#libs/platform';
import type { ProfileTables } from './profile-tables.js';

export interface SweepSettings {
  readonly tables: ProfileTables;
  readonly topic: string;
  /** The prefix of the temporary consumer group. */
  readonly groupPrefix: string;
  /** Removes members however many are missing. For an operator who has checked that they are gone. */
  readonly force?: boolean;
  /** Aborts the reading. Nothing is removed then. */
  readonly signal?: AbortSignal;
  /** Counts only, and changes nothing. */
  readonly isDryRun?: boolean;
}

/** The result of a sweep. Only with the outcome `swept` have members been removed. */
export interface Sweep {
  readonly outcome: 'swept' | 'would sweep' | 'refused' | 'busy';
  /** Members that are in the topic. */
  readonly kept: number;
  /** Members that are not in the topic. */
  readonly missing: number;
  /** The missing members that were removed. The others have received a newer profile meanwhile. */
  readonly removed: number;
  /** Why the sweep was refused. */
  readonly reason?: string;
}

/** Members that are marked as found by one statement. */
const BATCH_SIZE = 1_000;

/** If more members than this and more than this share of all are missing, an operator has to decide. */
const MAX_MISSING = 20;
const MAX_MISSING_SHARE = 0.1;

/** One statement may write a table of millions of rows. */
const STATEMENT_TIMEOUT_MS = 30 * 60_000;

/**
 * Removes the members that are no longer in the topic. Nothing else removes a member whose tombstone was compacted away
 * before it was read. Every sweep reads the whole topic from its beginning; a sweep that fails removes no one.
 *
 * A member is removed only if their row existed before the reading, is unchanged at its end, and no message for them was
 * found. A second pass reads the messages that were published during the first: compaction may have replaced an older
 * message of a member with one of them before the first pass reached it.
 */
export async function sweepMembers(kafka: Kafka, pool: Pool, settings: SweepSettings): Promise<Sweep> {
  const db = await pool.connect();
  let brokenBy: Error | undefined;
  try {
    await db.query(
      `${beginStatement(db)}; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}; ${MAY_BE_IDLE}`,
    );
    const sweep = await sweepInTransaction(kafka, db, settings);
    await db.query('COMMIT');
    return sweep;
  } catch (error) {
    brokenBy = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection that failed is closed, with its transaction.
    db.release(brokenBy);
  }
}

/**
 * The lock and the temporary table belong to the transaction, because a connection pooler shares sessions. The transaction
 * is open while the topic is read, and holds back vacuum for these minutes.
 */
async function sweepInTransaction(kafka: Kafka, db: PoolClient, settings: SweepSettings): Promise<Sweep> {
  if (!(await tryLock(db, settings))) return { outcome: 'busy', kept: 0, removed: 0, missing: 0 };
  const applied = await findAppliedOffsets(db, settings);
  const isEmpty = (await snapshotMembers(db, settings)) === 0;
  if (isEmpty) return removeMissing(db, settings, undefined);
  const { ends, isWhole } = await raceAbort(markMembersInTopic(kafka, db, settings), settings.signal);
  return removeMissing(db, settings, findReadingFault(endsBeforeApplied(ends, applied), isWhole));
}

/** Rejects at once when the signal aborts. A reading takes long to fail while the brokers are unreachable. */
async function raceAbort<T>(reading: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return reading;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  // The one that rejects second has no other handler.
  reading.catch(() => undefined);
  aborted.catch(() => undefined);
  try {
    signal.throwIfAborted();
    return await Promise.race([reading, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

const lockName = ({ tables }: SweepSettings) => `sweep of ${tables.members}`;

/** One replica sweeps at a time. */
async function tryLock(db: PoolClient, settings: SweepSettings): Promise<boolean> {
  const { rows } = await db.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked',
    [lockName(settings)],
  );
  return rows[0]!.locked;
}

/**
 * Copies the ids of all members and the versions of their rows (`xmin`, which changes with every write).
 * @returns the number of members
 */
async function snapshotMembers(db: PoolClient, { tables }: SweepSettings): Promise<number> {
  const { rowCount } = await query(
    db,
    `CREATE TEMPORARY TABLE swept_members ON COMMIT DROP AS SELECT id, xmin::text AS version, false AS is_found FROM ${tables.members}`,
  );
  await query(db, 'ALTER TABLE swept_members ADD PRIMARY KEY (id)');
  return rowCount ?? 0;
}

type Offsets = ReadonlyMap<number, bigint>;

/** The offset after the last applied message, by partition. */
async function findAppliedOffsets(db: PoolClient, { tables, topic }: SweepSettings): Promise<Offsets> {
  const { rows } = await query<{ partition: number; next: string }>(
    db,
    `SELECT partition, ${tables.nextOffsetColumn}::text AS next FROM ${tables.offsets} WHERE topic = $1`,
    [topic],
  );
  return new Map(rows.map(({ partition, next }) => [partition, BigInt(next)]));
}

/** Whether the topic ends before an applied message. It was then created again, or has lost its last messages. */
const endsBeforeApplied = (ends: Offsets, applied: Offsets): boolean =>
  [...applied].some(([partition, next]) => (ends.get(partition) ?? 0n) < next);

/** Why a member that is missing in the topic may exist all the same. */
function findReadingFault(isShorter: boolean, isWhole: boolean): string | undefined {
  if (isShorter) return 'the topic ends before what was read of it earlier: it was created again';
  if (!isWhole)
    return 'the topic has batches that cannot be decoded: it is unknown whose profiles they contain';
  return undefined;
}

/** @returns the end of the reading by partition, and whether all messages before it could be decoded */
async function markMembersInTopic(
  kafka: Kafka,
  db: PoolClient,
  { topic, groupPrefix, signal }: SweepSettings,
): Promise<{ readonly ends: Offsets; readonly isWhole: boolean }> {
  let ids = new Set<string>();
  const flush = async () => {
    const found = ids;
    ids = new Set();
    if (found.size > 0) await markFound(db, [...found]);
  };
  const onMessage = async ({ key, value }: ConsumedMessage) => {
    signal?.throwIfAborted();
    // A tombstone does not count for the member. A profile that cannot be read does: the member exists.
    const id = value === null || key === null ? '' : key.toString();
    if (MEMBER_ID.test(id)) ids.add(id);
    if (ids.size >= BATCH_SIZE) await flush();
  };
  let ends: Offsets | undefined;
  let isWhole = true;
  const onUndecodableBatch = () => (isWhole = false);
  for (let pass = 1; pass <= 2; pass += 1) {
    ends = await readTopicToEnd(
      kafka,
      topic,
      { groupPrefix, onUndecodableBatch, ...(ends === undefined ? {} : { from: ends }) },
      onMessage,
    );
    signal?.throwIfAborted();
    await flush();
  }
  return { ends: ends!, isWhole };
}

const markFound = (db: PoolClient, ids: readonly string[]) =>
  query(db, 'UPDATE swept_members SET is_found = true WHERE id = ANY($1) AND NOT is_found', [ids]);

async function removeMissing(
  db: PoolClient,
  { tables, topic, force = false, isDryRun = false }: SweepSettings,
  readingFault: string | undefined,
): Promise<Sweep> {
  // Locks the offsets, so that no profile is applied meanwhile.
  await query(db, `SELECT FROM ${tables.offsets} WHERE topic = $1 ORDER BY partition FOR UPDATE`, [topic]);
  const { kept, missing } = await countMembers(db);
  const reason = force ? undefined : findReasonToRefuse(kept, missing, readingFault);
  const mayRemove = reason === undefined && !isDryRun;
  const removed = mayRemove ? await deleteMissing(db, tables) : 0;
  if (!isDryRun) await recordSweep(db, tables, topic);
  if (reason !== undefined) return { outcome: 'refused', kept, missing, removed, reason };
  return { outcome: isDryRun ? 'would sweep' : 'swept', kept, missing, removed };
}

async function countMembers(db: PoolClient): Promise<{ kept: number; missing: number }> {
  const { rows } = await query<{ kept: number; missing: number }>(
    db,
    `SELECT count(*) FILTER (WHERE is_found)::integer AS kept,
       count(*) FILTER (WHERE NOT is_found)::integer AS missing FROM swept_members`,
  );
  return rows[0]!;
}

function findReasonToRefuse(
  kept: number,
  missing: number,
  readingFault: string | undefined,
): string | undefined {
  if (missing === 0) return undefined;
  if (readingFault !== undefined) return readingFault;
  if (kept === 0) return 'the topic holds none of the members: it was emptied, or created again';
  if (missing > MAX_MISSING && missing > MAX_MISSING_SHARE * (kept + missing)) {
    return 'the topic lacks too many of the members';
  }
  return undefined;
}

/** A row that was written meanwhile has a newer profile, and stays. */
async function deleteMissing(db: PoolClient, { members, removed }: ProfileTables): Promise<number> {
  const keep =
    removed === undefined
      ? ''
      : `, kept AS (INSERT INTO ${removed} SELECT id FROM gone ON CONFLICT (id) DO NOTHING)`;
  const { rows } = await query<{ count: number }>(
    db,
    `WITH gone AS (DELETE FROM ${members} m USING swept_members s
       WHERE m.id = s.id AND NOT s.is_found AND m.xmin::text = s.version RETURNING m.id)${keep}
     SELECT count(*)::integer FROM gone`,
  );
  return rows[0]!.count;
}

const recordSweep = (db: PoolClient, { sweeps }: ProfileTables, topic: string) =>
  query(
    db,
    `INSERT INTO ${sweeps} (topic, finished_at) VALUES ($1, now())
     ON CONFLICT (topic) DO UPDATE SET finished_at = excluded.finished_at`,
    [topic],
  );

const query = <Row extends object>(db: PoolClient, text: string, values: unknown[] = []) => {
  const config: QueryConfig & { query_timeout: number } = {
    text,
    values,
    query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
  };
  return db.query<Row>(config);
};

/**
 * Formats the result for an operator at a terminal.
 * @throws if the sweep was refused or did not run
 */
export function describeSweep({ outcome, kept, missing, removed, reason }: Sweep): string {
  const counted = `the topic holds ${kept} of ${kept + missing} members`;
  if (outcome === 'busy') {
    throw new Error('another process is reading the topic for the same purpose: try again in a minute');
  }
  if (outcome === 'refused') {
    throw new Error(
      `${counted}, and none was removed: ${reason}. Use --force to remove the missing members all the same`,
    );
  }
  if (outcome === 'would sweep') return `${counted}; ${missing} would be removed`;
  return `${counted}; ${removed} ${removed === 1 ? 'was' : 'were'} removed`;
}
