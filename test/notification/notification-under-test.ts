import { Registry } from 'prom-client';
import { Deliverer } from '../../apps/notification/src/deliveries/deliverer.js';
import { DeliveryMetrics } from '../../apps/notification/src/deliveries/metrics.js';
import { Sender } from '../../apps/notification/src/deliveries/sender.js';
import { DELIVERY_TIMES, type DeliveryTimes } from '../../apps/notification/src/deliveries/times.js';
import { HANDLERS } from '../../apps/notification/src/handlers.js';
import { Intake } from '../../apps/notification/src/intake/intake.js';
import { linksOf } from '../../apps/notification/src/links.js';
import { notificationMigrations } from '../../apps/notification/src/migrations.js';
import { NotificationConfig } from '../../apps/notification/src/config.js';
import { SmtpSender } from '../../libs/mail/src/index.js';
import {
  createLogger,
  createPool,
  Health,
  loadConfig,
  migrate,
  type Pool,
} from '../../libs/platform/src/index.js';
import { postgresUnderTest } from '../support/postgres.js';

const logger = createLogger('test', 'silent');

/** A database with the app's tables. */
export async function ledgerUnderTest() {
  const postgres = await postgresUnderTest();
  const pool = createPool({ url: postgres.url, app: 'test', max: 20, pipeline: true }, logger);
  await migrate(pool, notificationMigrations, logger);
  return {
    pool,
    url: postgres.url,
    async clear() {
      await pool.query(`TRUNCATE notification.members, notification.connections, notification.email_preferences,
        notification.deliveries, notification.dead_letters, notification.bounced_addresses`);
    },
    async stop() {
      await pool.end();
      await postgres.stop();
    },
  };
}

/** Fast where the app is patient; looks at the queue only when it is woken, unless a test says otherwise. */
const TIMES: DeliveryTimes = {
  ...DELIVERY_TIMES,
  pollMs: 60_000,
  retryMs: 20,
  longestRetryMs: 50,
  pauseMs: 20,
  longestPauseMs: 50,
};

export interface Overrides {
  readonly times?: Partial<DeliveryTimes>;
  readonly unclear?: 'keep' | 'resend';
  readonly connections?: number;
  readonly env?: Record<string, string>;
  /** Runs when an e-mail is about to go, before it is asked whether it still may. */
  readonly atTransfer?: () => Promise<void>;
}

export const LINK_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;

/** The app without Kafka: what it does with messages, and its sender. */
export function notificationUnderTest(
  pool: Pool,
  smtpUrl: string,
  {
    times: changed,
    unclear = 'keep',
    connections = 5,
    env,
    atTransfer = () => Promise.resolve(),
  }: Overrides = {},
) {
  const times = { ...TIMES, ...changed };
  const config = loadConfig(NotificationConfig, {
    KAFKA_BROKERS: 'unused',
    DATABASE_URL: 'unused',
    SMTP_URL: smtpUrl,
    PUBLIC_URL: 'https://network.example',
    MAIL_FROM: 'Network <invitations@network.example>',
    LINK_KEYS,
    ...env,
  });
  const smtp = new SmtpSender({ url: smtpUrl, connections });
  const links = linksOf(config, () => new Date());
  const settings = {
    from: config.MAIL_FROM,
    links,
    invitationIntervalMs: config.INVITATION_MAIL_INTERVAL,
    connections,
    unclear,
    times,
  };
  const send: SmtpSender['send'] = (mail, beforeData) => smtp.send(mail, () => atTransfer().then(beforeData));
  const deliverer = new Deliverer(pool, { send }, settings, logger);
  const metrics = new DeliveryMetrics(new Registry(), pool, logger);
  const sender = new Sender(pool, deliverer, { connections, unclear, times }, metrics, new Health(), logger);
  const intake = new Intake(pool, HANDLERS, () => sender.nudge(), logger);
  return {
    deliverer,
    sender,
    intake,
    async stop() {
      await sender.stop();
      smtp.close(true);
    },
  };
}

export interface LedgerRow {
  readonly recipient_id: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string | null;
  readonly smtp_code: number | null;
  readonly content: object | null;
}

export const ledgerOf = async (pool: Pool): Promise<LedgerRow[]> =>
  (
    await pool.query<LedgerRow>(
      `SELECT recipient_id, kind, state, reason, smtp_code, content FROM notification.deliveries
       ORDER BY happened_at, recipient_id`,
    )
  ).rows;

/** Waits until the condition holds, and fails with what it last saw. */
export async function until<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const untilStates = (pool: Pool, ...states: string[]): Promise<LedgerRow[]> =>
  until(
    () => ledgerOf(pool),
    (rows) => JSON.stringify(rows.map(({ state }) => state)) === JSON.stringify(states),
  );
