import { Counter, Histogram, type Registry } from 'prom-client';
import { RemindRecipientData, serviceCommandId, type CommandMessage, type Topics } from '#libs/contracts';
import type { Producer, ProducerMessage } from '#libs/kafka';
import type { Health, Logger, Pool } from '#libs/platform';
import {
  claimDueReminders,
  dueWindows,
  releaseReminders,
  deleteExpiredReminderClaims,
  type ClaimedReminder,
} from '#libs/read-models';
import { claimPauses, CommandPoller, type DueCommands } from '../command-poller.js';
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

/** Issues commands for reminders that are due (D6). Any number of pollers share the work. */
export class ReminderPoller implements Worker {
  private readonly poller: CommandPoller<ClaimedReminder>;

  constructor(
    settings: ReminderSettings,
    topics: Topics,
    pool: Pool,
    send: (messages: readonly ProducerMessage[]) => Promise<void>,
    metrics: ReminderMetrics,
    health: Health,
    logger: Logger,
  ) {
    this.poller = new CommandPoller(
      createDueReminders(settings, pool),
      topics,
      send,
      metrics,
      health,
      logger,
    );
  }

  start(): void {
    this.poller.start();
  }

  /** Publishes the reminders that are claimed already. */
  async stop(): Promise<void> {
    await this.poller.stop();
  }
}

function createDueReminders(settings: ReminderSettings, pool: Pool): DueCommands<ClaimedReminder> {
  const windows = dueWindows(settings);
  return {
    healthPart: 'reminders',
    onFailure: 'reminders are delayed until the next attempt',
    claim: () => claimDueReminders(pool, windows, { limit: CLAIM_LIMIT, ...claimPauses(settings.retryMs) }),
    toCommand: createRemindCommand,
    release: (claimed) => releaseReminders(pool, claimed),
    sweep: () => deleteExpiredReminderClaims(pool, settings.reminderValidityMs),
    pauseAfter: (count) => (count < CLAIM_LIMIT ? settings.pollMs : 0),
  };
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
