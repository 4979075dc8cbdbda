import { createLogger, createPool, type PoolClient } from '#libs/platform';
import {
  liveGeneration,
  readSlices,
  tableOf,
  type Position,
  type RowProjection,
} from '#libs/projection/reading';

/** Rows that are fetched at a time. */
const FETCHED = 2_000;
/** A large table is read for minutes, while nothing is waited for. */
const STATEMENT_MS = 60 * 60_000;

/** The read models at one moment: whatever workers do meanwhile is not seen. */
export interface Snapshot {
  /** Undefined where no worker has ever run. */
  stateOf(projection: string): Promise<LiveState | undefined>;
  rowsIn(tables: readonly string[]): Promise<number>;
  rows(projection: RowProjection<never, object>, generation: number): AsyncGenerator<Row, void, void>;
}

export interface LiveState {
  readonly generation: number;
  /** How far each slice has got, by its number. */
  readonly slices: readonly (Position | undefined)[];
  /** Accounts with an event that the projection could not take, and where that stands: from there on they stand still. */
  readonly parked: ReadonlyMap<string, Position>;
}

export type Row = Readonly<Record<string, unknown>>;

/** Runs `work` in one transaction that sees one moment and may not write. */
export async function inSnapshot<T>(url: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const pool = createPool(
    { url, app: 'replay-verify', max: 1, statementMs: STATEMENT_MS },
    createLogger('replay', 'silent'),
  );
  try {
    const tx = await pool.connect();
    try {
      await tx.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return await work(snapshotOf(tx));
    } finally {
      await tx.query('ROLLBACK').catch(() => undefined);
      tx.release();
    }
  } finally {
    await pool.end();
  }
}

const snapshotOf = (tx: PoolClient): Snapshot => ({
  async stateOf(projection) {
    const { rowCount } = await tx.query('SELECT FROM read_models.projections WHERE name = $1', [projection]);
    if (rowCount === 0) return undefined;
    const generation = await liveGeneration(tx, projection);
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

  async rowsIn(tables) {
    let sum = 0;
    for (const table of tables) {
      const { rows } = await tx.query<{ count: string }>(`SELECT count(*)::text AS count FROM ${table}`);
      sum += Number(rows[0]!.count);
    }
    return sum;
  },

  async *rows({ table }, generation) {
    await tx.query(
      `DECLARE every_row NO SCROLL CURSOR FOR
       SELECT ${Object.keys(table.columns).join(', ')} FROM ${tableOf(table, generation)}`,
    );
    for (;;) {
      const { rows } = await tx.query<Row>(`FETCH ${FETCHED} FROM every_row`);
      yield* rows;
      if (rows.length < FETCHED) break;
    }
    await tx.query('CLOSE every_row');
  },
});
