import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Histogram, type Registry } from 'prom-client';
import { RemindRecipientData, serviceCommandId, type CommandMessage, type Topics } from '#libs/contracts';
import type { Producer, ProducerMessage } from '#libs/kafka';
import { Backoff, type Health, type Logger, type Pool } from '#libs/platform';
import {
  claimDueReminders,
  dueWindows,
  releaseReminders,
  deleteExpiredReminderClaims,
  type ClaimedReminder,
} from '#libs/read-models';
import { toCommandMessage } from '../command-message.js';
import type { ProjectorConfig } from '../config.js';
import type { Worker } from '../workers.js';

export interface ReminderSettings {
  readonly remindersMs: readonly number[];
  readonly reminderValidityMs: number;
  /** Time between two polls, in milliseconds. */
  readonly pollMs: number;
  /** Time until a command that had no effect is issued again, in milliseconds; doubled with each attempt. */
  readonly retryMs: number;
}

/** Reminders claimed from each due window at a time. All of them together are a small batch for Kafka. */
const CLAIM_LIMIT = 200;
const MAX_RETRY_MS = 60 * 60_000;
const SWEEP_MS = 60 * 60_000;
const HEALTH_PART = 'reminders';

/**
 * Issues commands for reminders that are due (D6). Any number of pollers share the work by claims in the database. If a
 * poller dies between a claim and the publication, another one claims the reminder again after the retry time.
 */
export class ReminderPoller implements Worker {
  private readonly stopping = new AbortController();
  private readonly backoff = new Backoff(100, 10_000);
  private readonly windows;
  private running: Promise<void> | undefined;
  private sweptAt = -Infinity;

  constructor(
    private readonly settings: ReminderSettings,
    private readonly topics: Topics,
    private readonly pool: Pool,
    private readonly send: (messages: readonly ProducerMessage[]) => Promise<void>,
    private readonly metrics: ReminderMetrics,
    private readonly health: Health,
    private readonly logger: Logger,
  ) {
    this.windows = dueWindows(settings);
    health.set(HEALTH_PART, false, 'not polled yet');
  }

  start(): void {
    this.running = this.run();
  }

  /** Publishes the reminders that are claimed already. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const count = await this.poll();
        this.backoff.reset();
        this.health.set(HEALTH_PART, true);
        if (count < CLAIM_LIMIT)
          await sleep(this.settings.pollMs, undefined, { signal }).catch(() => undefined);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.health.set(HEALTH_PART, false, reason);
        this.logger.warn({ err: error }, `${reason}; reminders are delayed until the next attempt`);
        await this.backoff.wait(signal);
      }
    }
  }

  /** @returns the number of reminders claimed */
  private async poll(): Promise<number> {
    const { retryMs: pauseMs } = this.settings;
    const pauses = { pauseMs, longestPauseMs: Math.max(pauseMs, MAX_RETRY_MS) };
    const claimed = await claimDueReminders(this.pool, this.windows, { limit: CLAIM_LIMIT, ...pauses });
    if (claimed.length > 0) await this.publish(claimed);
    await this.sweep();
    return claimed.length;
  }

  private async publish(claimed: readonly ClaimedReminder[]): Promise<void> {
    try {
      await this.send(
        claimed.map((one) => toCommandMessage(this.topics, createRemindCommand(one), new Date(one.askedAt))),
      );
    } catch (error) {
      // If the release fails as well, the reminders can be claimed again after the retry time.
      await releaseReminders(this.pool, claimed).catch(() => undefined);
      throw error;
    }
    for (const { attempt, lateMs } of claimed) {
      this.metrics.asked.inc({ attempt: attempt === 1 ? 'first' : 'again' });
      if (attempt === 1) this.metrics.lateSeconds.observe(lateMs / 1000);
    }
  }

  /** Deletes claims of reminders that are no longer valid, once an hour. */
  private async sweep(): Promise<void> {
    if (performance.now() - this.sweptAt < SWEEP_MS) return;
    await deleteExpiredReminderClaims(this.pool, this.settings.reminderValidityMs);
    this.sweptAt = performance.now();
  }
}

/**
 * Creates the command for a claim. Each claim has a command id of its own, because a refusal of an id is final (D10): if
 * the first command was refused as too early, by a clock that is behind the database's, the next one must be decided
 * again. The ordinal keeps the decision from reminding twice.
 */
function createRemindCommand({ invitationId, ordinal, askedAt }: ClaimedReminder): CommandMessage {
  return {
    type: 'invitations.remind.v1',
    commandId: serviceCommandId(`reminder ${ordinal} of ${invitationId}, asked for at ${askedAt}`),
    data: Object.assign(new RemindRecipientData(), { invitationId, ordinal }),
  };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export class ReminderMetrics {
  readonly asked: Counter<'attempt'>;
  readonly lateSeconds: Histogram;

  constructor(registry: Registry) {
    this.asked = new Counter({
      name: 'invitations_reminders_asked_total',
      help: 'Commands remind that were published: for the first time, or again because an earlier one had no effect',
      labelNames: ['attempt'],
      registers: [registry],
    });
    for (const attempt of ['first', 'again']) this.asked.inc({ attempt }, 0);
    this.lateSeconds = new Histogram({
      name: 'invitations_reminders_late_seconds',
      help: 'Time between the moment when a reminder was due and its first command',
      buckets: [1, 2, 5, 15, MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 48 * HOUR],
      registers: [registry],
    });
  }
}

export const createReminderPoller = (
  config: ProjectorConfig,
  topics: Topics,
  pool: Pool,
  producer: Producer,
  registry: Registry,
  health: Health,
  logger: Logger,
): ReminderPoller =>
  new ReminderPoller(
    {
      remindersMs: config.REMINDERS,
      reminderValidityMs: config.REMINDER_VALIDITY,
      pollMs: config.REMINDER_POLL,
      retryMs: config.REMINDER_RETRY,
    },
    topics,
    pool,
    (messages) => producer.send(messages),
    new ReminderMetrics(registry),
    health,
    logger,
  );
