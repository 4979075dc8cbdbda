import type { Logger, Queryable } from '#libs/platform';

/**
 * How long a report counts. A process that still finds the log restored reports again at each check, and Kubernetes waits at most
 * five minutes between two starts of a pod. The report of a process that is gone expires.
 */
const VALID_FOR = '10 minutes';

/** A finding that the log is not the one that was there before. */
interface RestoredLogReport {
  /** The app or the projection that checked the log. */
  readonly reporter: string;
  readonly reason: string;
}

/** @returns a report that still counts; undefined if there is none */
export async function findRestoredLogReport(db: Queryable): Promise<RestoredLogReport | undefined> {
  const { rows } = await db.query<RestoredLogReport>(
    `SELECT reporter, reason FROM read_models.restored_log_reports
     WHERE reported_at > now() - interval '${VALID_FOR}' ORDER BY reporter LIMIT 1`,
  );
  return rows[0];
}

/** Reports to apps that do not see the event store. It never throws: its caller has found something worse. */
export class RestoredLogReporter {
  /** True at first: the process before this one may have reported. */
  private mayHaveReported = true;
  private last: Promise<void> = Promise.resolve();

  /** @param reporter the app or the projection that checks the log */
  constructor(
    private readonly db: Queryable,
    private readonly reporter: string,
    private readonly logger: Logger,
  ) {}

  /** Call it at each check that fails, because a report expires. */
  report(reason: string): Promise<void> {
    this.mayHaveReported = true;
    return this.enqueue(
      `INSERT INTO read_models.restored_log_reports (reporter, reason, reported_at) VALUES ($1, $2, now())
       ON CONFLICT (reporter) DO UPDATE SET reason = excluded.reason, reported_at = excluded.reported_at`,
      [this.reporter, reason],
    );
  }

  /** Call it after each check that succeeds. It does nothing if there cannot be a report. */
  withdraw(): Promise<void> {
    if (!this.mayHaveReported) return this.last;
    this.mayHaveReported = false;
    return this.enqueue('DELETE FROM read_models.restored_log_reports WHERE reporter = $1', [this.reporter]);
  }

  private enqueue(statement: string, values: readonly string[]): Promise<void> {
    this.last = this.last
      .then(() => this.db.query(statement, [...values]))
      .then(
        () => undefined,
        (error: unknown) => {
          this.mayHaveReported = true;
          this.logger.warn(
            { err: error, reporter: this.reporter },
            'cannot record whether the event store was restored; trying again at the next check',
          );
        },
      );
    return this.last;
  }
}
