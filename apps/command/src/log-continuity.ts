import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  findLastAppend,
  recordLastAppend,
  RestoredLogReporter,
  type AppendedEvent,
} from '#libs/command-outcomes';
import { AccountRepository } from '#libs/event-store';
import { Health, type Fatal, type Logger, type Pool } from '#libs/platform';
import { FATAL, LOGGER, NOW, POOL } from '#libs/service';
import { waitForStartCheck } from './start-check.js';
import { DATABASE, withDependency } from './with-dependency.js';

const COMPONENT = 'event-store:log';

/**
 * How often the last append is recorded, in milliseconds. A restore that loses only newer events is not recognized. Recording each
 * append would make all batches of all processes wait for one row; once a second costs nothing beside thousands of commands.
 */
const EVERY_MS = 1_000;

/** The event store lacks an event that was appended: decisions would be made without what members have done. */
class LogRestoredError extends Error {
  override readonly name = 'LogRestoredError';

  constructor({ accountId, revision, eventId }: AppendedEvent, recordedAt: string) {
    super(
      `the event store does not have the event ${eventId}, which was appended before ${recordedAt} as revision ${revision} ` +
        `of the account ${accountId}: it was restored to an earlier moment, or replaced. No command is decided. Follow the ` +
        'runbook "A server lost data or was restored"; when it says so, run DELETE FROM read_models.last_append and start again',
    );
  }
}

/** Records the last append from time to time, and checks that the event store still has it. */
@Injectable()
export class LogContinuity {
  private recorded: AppendedEvent | undefined;
  /** Tells the notification app, which does not see the event store. */
  private readonly reports: RestoredLogReporter;

  constructor(
    private readonly accounts: AccountRepository,
    @Inject(POOL) private readonly pool: Pool,
    private readonly health: Health,
    @Inject(NOW) private readonly now: () => Date,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(FATAL) private readonly fatal: Fatal,
  ) {
    this.reports = new RestoredLogReporter(pool, 'command', logger);
  }

  /** @throws LogRestoredError */
  waitUntilChecked(): Promise<void> {
    const start = {
      component: COMPONENT,
      check: () => this.check(),
      failure: LogRestoredError,
      unchecked: 'cannot compare the event store with the last append that was recorded',
    };
    return waitForStartCheck(start, this.health, this.logger);
  }

  /**
   * Checks and records until the signal aborts. Never throws: an event store that was restored meanwhile ends the process,
   * and a server that does not respond is tried again.
   */
  async watch(signal: AbortSignal, everyMs = EVERY_MS): Promise<void> {
    while (await sleep(everyMs, true, { signal }).catch(() => false)) {
      try {
        // First the check: otherwise an append to a restored store would replace the record that shows it.
        await this.check();
        await this.record();
      } catch (error) {
        if (error instanceof LogRestoredError) this.fatal(error.message, error);
        else this.logger.debug({ err: error }, 'cannot record the last append; trying again later');
      }
    }
  }

  private async check(): Promise<void> {
    const last = await withDependency(DATABASE, findLastAppend(this.pool));
    if (last !== undefined && !(await this.accounts.mayContain(last))) {
      const error = new LogRestoredError(last, last.recordedAt);
      await this.reports.report(error.message);
      throw error;
    }
    await this.reports.withdraw();
  }

  private async record(): Promise<void> {
    const { lastAppended } = this.accounts;
    if (lastAppended === undefined || lastAppended === this.recorded) return;
    await recordLastAppend(this.pool, lastAppended, this.now().toISOString());
    this.recorded = lastAppended;
  }
}
