import { findAllErased } from '#libs/author-keys/read-only';
import type { LogPosition } from '#libs/event-store/read-only';
import {
  beginStatement,
  createLogger,
  createPool,
  MAY_BE_IDLE,
  type PoolClient,
  type PostgresConnection,
} from '#libs/platform';
import {
  readLiveGeneration,
  readSlices,
  generationTableName,
  type RowProjection,
} from '#libs/projection/read-only';

/** Rows in one FETCH of the cursor. */
const FETCH_SIZE = 2_000;
/** The count of a large table can take minutes. Nobody waits for a lock of it. */
const STATEMENT_MS = 60 * 60_000;

/** The read models as one transaction sees them, whatever the workers do meanwhile. */
export interface ReadModelSnapshot {
  /** @returns undefined if no worker of the projection has ever run */
  readState(projection: string): Promise<ProjectionState | undefined>;
  /** @returns the members who were erased: read models have no rows of them */
  readErased(): Promise<ReadonlySet<string>>;
  countRows(tables: readonly string[]): Promise<number>;
  readRows(projection: RowProjection<never, object>, generation: number): AsyncGenerator<Row, void, void>;
}

/** The state of the live generation of a projection. */
export interface ProjectionState {
  readonly generation: number;
  /** The checkpoint of each slice, by its number. */
  readonly slices: readonly (LogPosition | undefined)[];
  /** Parked accounts, with the position of the event that failed. Later events of the account have not been applied. */
  readonly parked: ReadonlyMap<string, LogPosition>;
}

export type Row = Readonly<Record<string, unknown>>;

/** Runs `work` in one read-only transaction that sees one snapshot. */
export async function withSnapshot<T>(
  database: PostgresConnection,
  work: (snapshot: ReadModelSnapshot) => Promise<T>,
): Promise<T> {
  const pool = createPool(
    { ...database, app: 'replay-verify', max: 1, statementTimeoutMs: STATEMENT_MS },
    createLogger('replay', 'silent'),
  );
  try {
    const tx = await pool.connect();
    try {
      await tx.query(beginStatement(tx, 'REPEATABLE READ READ ONLY'));
      await tx.query(MAY_BE_IDLE);
      return await work(createSnapshot(tx));
    } finally {
      await tx.query('ROLLBACK').catch(() => undefined);
      tx.release();
    }
  } finally {
    await pool.end();
  }
}

const createSnapshot = (tx: PoolClient): ReadModelSnapshot => ({
  async readState(projection) {
    const { rowCount } = await tx.query('SELECT FROM read_models.projections WHERE name = $1', [projection]);
    if (rowCount === 0) return undefined;
    const generation = await readLiveGeneration(tx, projection);
    const slices = await readSlices(tx, projection, generation);
    const { rows } = await tx.query<{ account_id: string; commit: string }>(
      `SELECT account_id, min(commit_position)::text AS commit FROM read_models.parked_events
       WHERE projection = $1 AND generation = $2 GROUP BY account_id`,
      [projection, generation],
    );
    return {
      generation,
      slices: slices.map(({ position }) => position),
      parked: new Map(
        rows.map(({ account_id, commit }) => [account_id, { commit: BigInt(commit), prepare: 0n }]),
      ),
    };
  },

  readErased: () => findAllErased(tx),

  async countRows(tables) {
    let sum = 0;
    for (const table of tables) {
      const { rows } = await tx.query<{ count: string }>(`SELECT count(*)::text AS count FROM ${table}`);
      sum += Number(rows[0]!.count);
    }
    return sum;
  },

  async *readRows({ table }, generation) {
    await tx.query(
      `DECLARE every_row NO SCROLL CURSOR FOR
       SELECT ${Object.keys(table.columns).join(', ')} FROM ${generationTableName(table, generation)}`,
    );
    for (;;) {
      const { rows } = await tx.query<Row>(`FETCH ${FETCH_SIZE} FROM every_row`);
      yield* rows;
      if (rows.length < FETCH_SIZE) break;
    }
    await tx.query('CLOSE every_row');
  },
});
