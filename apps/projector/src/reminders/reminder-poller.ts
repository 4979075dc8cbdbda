import { setTimeout as sleep } from 'node:timers/promises';
import type { Outgoing } from '#libs/kafka';
import { Backoff, type Health, type Logger, type Pool } from '#libs/platform';
import {
  claimDueReminders,
  dueWindows,
  putBackReminders,
  sweepAskedReminders,
  type ClaimedReminder,
} from '#libs/read-models';
import { commandMessage } from '../command-message.js';
import type { Worker } from '../workers.js';
import { remindCommand } from './remind-command.js';
import type { ReminderMetrics } from './reminder-metrics.js';

export interface ReminderSettings {
  readonly remindersMs: readonly number[];
  readonly reminderValidityMs: number;
  /** Between two looks at what is due, in milliseconds. */
  readonly pollMs: number;
  /** Before a reminder of which nothing has come is asked for again, at first, in milliseconds. */
  readonly retryMs: number;
}

/** Of each window. All of them at once are still a small message to Kafka. */
const LIMIT = 200;
const LONGEST_PAUSE_MS = 60 * 60_000;
const SWEEP_MS = 60 * 60_000;
const PART = 'reminders';

/**
 * Asks for the reminders that are due. Any number of pollers share the work by claims in the database: what one has
 * claimed and not published, because it died, is claimed again by any of them after a pause.
 */
export class ReminderPoller implements Worker {
  private readonly stopping = new AbortController();
  private readonly backoff = new Backoff(100, 10_000);
  private readonly windows;
  private running: Promise<void> | undefined;
  private sweptAt = -Infinity;

  constructor(
    private readonly settings: ReminderSettings,
    private readonly pool: Pool,
    private readonly send: (messages: readonly Outgoing[]) => Promise<void>,
    private readonly metrics: ReminderMetrics,
    private readonly health: Health,
    private readonly logger: Logger,
  ) {
    this.windows = dueWindows(settings);
    health.set(PART, false, 'has not looked yet');
  }

  start(): void {
    this.running = this.run();
  }

  /** Publishes what it has claimed. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const asked = await this.poll();
        this.backoff.reset();
        this.health.set(PART, true);
        if (asked < LIMIT) await sleep(this.settings.pollMs, undefined, { signal }).catch(() => undefined);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.health.set(PART, false, reason);
        this.logger.warn({ err: error }, `${reason}; reminders wait`);
        await this.backoff.wait(signal);
      }
    }
  }

  private async poll(): Promise<number> {
    const { retryMs: pauseMs } = this.settings;
    const pauses = { pauseMs, longestPauseMs: Math.max(pauseMs, LONGEST_PAUSE_MS) };
    const claimed = await claimDueReminders(this.pool, this.windows, { limit: LIMIT, ...pauses });
    if (claimed.length > 0) await this.publish(claimed);
    await this.sweep();
    return claimed.length;
  }

  private async publish(claimed: readonly ClaimedReminder[]): Promise<void> {
    try {
      await this.send(claimed.map((one) => commandMessage(remindCommand(one), new Date(one.askedAt))));
    } catch (error) {
      // Where that fails as well, they wait for the end of their pause.
      await putBackReminders(this.pool, claimed).catch(() => undefined);
      throw error;
    }
    for (const { attempt, lateMs } of claimed) {
      this.metrics.asked.inc({ attempt: attempt === 1 ? 'first' : 'again' });
      if (attempt === 1) this.metrics.lateSeconds.observe(lateMs / 1000);
    }
  }

  private async sweep(): Promise<void> {
    if (performance.now() - this.sweptAt < SWEEP_MS) return;
    await sweepAskedReminders(this.pool, this.settings.reminderValidityMs);
    this.sweptAt = performance.now();
  }
}
