import { beginStatement, MAY_BE_IDLE, type Pool } from '#libs/platform';
import type { EventLog } from '../event-log.js';
import type { LogPosition } from '#libs/event-store/read-only';
import type { Table } from '../row-projection.js';
import type { TableSink } from '../sink.js';

/** What a rebuild needs. */
export interface RebuildContext {
  readonly pool: Pool;
  readonly log: EventLog;
  readonly projection: { readonly name: string; readonly table: Table<object> };
  readonly sink: TableSink;
  /** Identifies the version of the fold: a generation that another version has built in part is not resumed. */
  readonly codeVersion: string;
  /** Id of this run in leases; new with each start of the tool. */
  readonly replica: string;
  /** Interrupts between two batches. */
  readonly signal: AbortSignal;
  readonly reporter: ProgressReporter;
}

export interface ProgressReporter {
  onStage(text: string): void;
  /** @param events number of events applied since the last call */
  onProgress(at: LogPosition, until: LogPosition, events: number): void;
}

/** The operation is not possible or not safe; the message tells an operator why. */
export class RebuildRejectedError extends Error {}

/**
 * Runs work while nobody else rebuilds, switches, resets or drops a generation of the projection. The advisory lock
 * belongs to a transaction of its own, so it ends with the process, also behind a connection pooler, which shares sessions.
 * It keeps operators apart; a process that was paused is fenced by the epoch.
 * @throws RebuildRejectedError if the lock is taken
 */
export async function withRebuildLock<T>(pool: Pool, projection: string, work: () => Promise<T>): Promise<T> {
  const session = await pool.connect();
  const key = `hashtextextended('read_models.projections ' || $1, 0)`;
  try {
    await session.query(beginStatement(session));
    await session.query(MAY_BE_IDLE);
    const { rows } = await session.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${key}) AS locked`,
      [projection],
    );
    if (rows[0]?.locked !== true) {
      throw new RebuildRejectedError(`another rebuild, switch, drop or reset of ${projection} is running`);
    }
    return await work();
  } finally {
    await session.query('ROLLBACK').catch(() => undefined);
    // If the rollback fails, the lock ends with the connection.
    session.release(true);
  }
}
