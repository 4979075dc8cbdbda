import { Counter, Histogram, type Registry } from 'prom-client';
import { ExpireInvitationData, serviceCommandId, type CommandMessage, type Topics } from '#libs/contracts';
import type { Producer, ProducerMessage } from '#libs/kafka';
import type { Health, Logger, Pool } from '#libs/platform';
import {
  claimDueExpiries,
  deleteSettledExpiryClaims,
  releaseExpiries,
  type ClaimedExpiry,
} from '#libs/read-models';
import { claimPauses, CommandPoller, type DueCommands } from '../command-poller.js';
import type { ProjectorConfig } from '../config.js';
import type { Worker } from '../workers.js';

export interface ExpirySettings {
  /** How long an invitation may be open, in milliseconds; 0 for ever. */
  readonly expiryMs: number;
  /** Commands that all replicas together issue in a second. */
  readonly perSecond: number;
  /** Time between two polls, in milliseconds. */
  readonly pollMs: number;
  /** Time until a command that had no effect is issued again, in milliseconds; doubled with each attempt. */
  readonly retryMs: number;
}

/** As many are claimed at a time as the rate allows in a second, but at most these. */
const MAX_CLAIMED = 500;

/**
 * Issues commands for invitations that have been open for too long (D22). Any number of pollers share one rate, by the database.
 * Does nothing if invitations do not expire.
 */
export class ExpiryPoller implements Worker {
  private readonly poller: CommandPoller<ClaimedExpiry> | undefined;

  constructor(
    settings: ExpirySettings,
    topics: Topics,
    pool: Pool,
    send: (messages: readonly ProducerMessage[]) => Promise<void>,
    metrics: ExpiryMetrics,
    health: Health,
    logger: Logger,
  ) {
    if (settings.expiryMs === 0) return;
    this.poller = new CommandPoller(
      createDueExpiries(settings, pool, logger),
      topics,
      send,
      metrics,
      health,
      logger,
    );
  }

  start(): void {
    this.poller?.start();
  }

  /** Publishes the commands of the invitations that are claimed already. */
  async stop(): Promise<void> {
    await this.poller?.stop();
  }
}

function createDueExpiries(settings: ExpirySettings, pool: Pool, logger: Logger): DueCommands<ClaimedExpiry> {
  const { expiryMs, perSecond, pollMs, retryMs } = settings;
  const limit = Math.min(perSecond, MAX_CLAIMED);
  return {
    healthPart: 'expiry',
    onFailure: 'invitations expire later, at the next attempt',
    claim: () => claimDueExpiries(pool, { expiryMs, perSecond, limit, ...claimPauses(retryMs) }),
    toCommand: createExpireCommand,
    release: (claimed) => releaseExpiries(pool, claimed),
    sweep: () => deleteSettledExpiryClaims(pool),
    // With a backlog, the next turn comes as soon as the rate allows it.
    pauseAfter: (count) => (count < limit ? pollMs : Math.min(pollMs, (1_000 * count) / perSecond)),
    onPublished(claimed) {
      const longestLateSeconds = Math.round(claimed[0]!.lateMs / 1000);
      logger.info(
        { commands: claimed.length, longestLateSeconds },
        'issued commands for invitations that have been open for too long',
      );
    },
  };
}

/** Each claim has a command id of its own, because a refusal of an id is final (D10): see the reminders. */
function createExpireCommand({ invitationId, recipientId, askedAt }: ClaimedExpiry): CommandMessage {
  return {
    type: 'invitations.expire.v1',
    commandId: serviceCommandId(`expiry of ${invitationId}, asked for at ${askedAt}`),
    data: Object.assign(new ExpireInvitationData(), { invitationId, recipientId }),
  };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export class ExpiryMetrics {
  readonly asked: Counter<'attempt'>;
  readonly lateSeconds: Histogram;

  constructor(registry: Registry) {
    this.asked = new Counter({
      name: 'invitations_expiries_asked_total',
      help: 'Commands expire that were published: for the first time, or again because an earlier one had no effect',
      labelNames: ['attempt'],
      registers: [registry],
    });
    for (const attempt of ['first', 'again']) this.asked.inc({ attempt }, 0);
    this.lateSeconds = new Histogram({
      name: 'invitations_expiries_late_seconds',
      help: 'Time between the moment when an invitation was old enough to expire and its first command',
      buckets: [1, 5, MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY],
      registers: [registry],
    });
  }
}

export const createExpiryPoller = (
  config: ProjectorConfig,
  topics: Topics,
  pool: Pool,
  producer: Producer,
  registry: Registry,
  health: Health,
  logger: Logger,
): ExpiryPoller =>
  new ExpiryPoller(
    {
      expiryMs: config.INVITATION_EXPIRY,
      perSecond: config.EXPIRY_RATE,
      pollMs: config.REMINDER_POLL,
      retryMs: config.REMINDER_RETRY,
    },
    topics,
    pool,
    (messages) => producer.send(messages),
    new ExpiryMetrics(registry),
    health,
    logger,
  );
