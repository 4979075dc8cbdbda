import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Topics } from '#libs/contracts';
import { Registry } from 'prom-client';
import { createDeliverySettings, NotificationConfig } from '../../../apps/notification/src/config.js';
import { MessageBatchHandler } from '../../../apps/notification/src/consumer/message-batch-handler.js';
import { createTopicHandlers } from '../../../apps/notification/src/consumer/topic-handlers.js';
import { notificationMigrations } from '../../../apps/notification/src/database/schema.js';
import { PROFILE_TABLES, saveMembers } from '../../../apps/notification/src/members/members.table.js';
import { DeliveryMetrics } from '../../../apps/notification/src/sending/delivery-metrics.js';
import {
  DEFAULT_TIMINGS,
  type DeliveryTimings,
} from '../../../apps/notification/src/sending/delivery-outcome.js';
import { MailDelivery } from '../../../apps/notification/src/sending/mail-delivery.js';
import { OutboxWorker } from '../../../apps/notification/src/sending/outbox-worker.js';
import { parseLinkKeys, SmtpSender, verifyLink, type LinkPurpose } from '#libs/mail';
import { createLogger, createPool, Health, loadConfig, type Pool } from '#libs/platform';
import { MemberDirectory, ProfileMetrics, type ReadTopicOffsets } from '#libs/profiles';
import { refusingMail, type TestMail } from '../../support/mail.js';
import { readModelMigrations } from '#libs/read-models';
import { openTestPostgres } from '../../support/postgres.js';
import { SmtpStub } from './smtp-stub.js';

const logger = createLogger('test', 'silent');

export const LINK_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;

/** The settings that the app requires, besides its servers. */
export const APP_ENV = {
  PUBLIC_URL: 'https://network.example',
  MAIL_FROM: 'Network <invitations@network.example>',
  LINK_KEYS,
};

/** Waits are short. The worker polls only when it is notified, unless a test says otherwise. */
const TIMINGS: DeliveryTimings = {
  ...DEFAULT_TIMINGS,
  pollMs: 60_000,
  retryMs: 20,
  longestRetryMs: 50,
  unreachableMs: 20,
  longestUnreachableMs: 50,
  refusedMs: 20,
  longestRefusedMs: 200,
};

export type Ledger = Awaited<ReturnType<typeof startLedger>>;

/** Starts a database with the tables of the app. */
export async function startLedger() {
  const postgres = await openTestPostgres(readModelMigrations, notificationMigrations);
  const pool = createPool({ url: postgres.url, app: 'test', max: 20, pipeline: true }, logger);
  return {
    pool,
    url: postgres.url,
    async stop() {
      await pool.end();
      await postgres.stop();
    },
  };
}

export interface AppOverrides {
  readonly timings?: Partial<DeliveryTimings>;
  readonly unclear?: 'keep' | 'resend';
  readonly connections?: number;
  readonly env?: Record<string, string>;
  /** Default: the mailbox where the harness has one, else the stub. */
  readonly smtpUrl?: string;
  /** Runs when the server asks for the text of an e-mail, before the row is marked as sending. */
  readonly atTransfer?: () => Promise<void>;
  /** The offsets that brokers report for the topic of profiles; by default none. */
  readonly profileOffsets?: ReadTopicOffsets;
}

export type App = ReturnType<typeof createApp>;

/** The app without Kafka: its message handler and its outbox worker. */
function createApp(
  pool: Pool,
  smtpUrl: string,
  {
    timings: changedTimings,
    unclear = 'keep',
    connections = 5,
    env,
    atTransfer = () => Promise.resolve(),
    profileOffsets = () => Promise.resolve(new Map()),
  }: AppOverrides,
) {
  const registry = new Registry();
  const timings = { ...TIMINGS, ...changedTimings };
  const config = loadConfig(NotificationConfig, {
    ...APP_ENV,
    KAFKA_BROKERS: 'unused:9092',
    DATABASE_URL: 'postgres://unused',
    SMTP_URL: smtpUrl,
    ...env,
  });
  const smtp = new SmtpSender({ url: smtpUrl, connections });
  const send: SmtpSender['send'] = (mail, beforeData) => smtp.send(mail, () => atTransfer().then(beforeData));
  const mailDelivery = new MailDelivery(
    pool,
    { send },
    { ...createDeliverySettings(config, () => new Date()), connections, unclear, timings },
    logger,
  );
  const metrics = new DeliveryMetrics(registry, pool, logger);
  const health = new Health();
  const worker = new OutboxWorker(
    pool,
    mailDelivery,
    { connections, unclear, timings },
    metrics,
    health,
    logger,
  );
  const directory = new MemberDirectory(
    PROFILE_TABLES,
    saveMembers,
    profileOffsets,
    new ProfileMetrics(registry),
    logger,
  );
  const handler = new MessageBatchHandler(
    pool,
    createTopicHandlers(new Topics(), directory),
    config.MAIL_MAX_AGE,
    () => worker.notify(),
    logger,
  );
  return {
    handler,
    worker,
    health,
    mailDelivery,
    directory,
    registry,
    async stop() {
      await worker.stop();
      smtp.close(true);
    },
  };
}

/** An e-mail as the mailbox shows it. */
export interface Mail {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The e-mails of a development mail server, oldest first. */
export const mailsAt = async ({ url }: { readonly url: string }): Promise<Mail[]> =>
  ((await (await fetch(`${url}/api/messages`)).json()) as Mail[]).toReversed();

/** The claims in the token of a link, if they are valid for the purpose. */
export const linkIn = (url: string, purpose: LinkPurpose, now = new Date()) =>
  verifyLink(
    parseLinkKeys(LINK_KEYS),
    url.replace('https://network.example/l/', '').split('?')[0]!,
    purpose,
    now,
  );

/** The Message-IDs of e-mails that a stub received. */
export const messageIdsOf = (mails: readonly string[]): (string | undefined)[] =>
  mails.map((mail) => /^Message-ID:\s+(\S+)/m.exec(mail)?.[1]);

export interface DeliveryRow {
  readonly recipient_id: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string | null;
  readonly smtp_code: number | null;
  readonly content: object | null;
}

/** Reads until the condition holds. @throws Error with what it read last */
export async function readUntil<T>(
  read: () => Promise<T> | T,
  holds: (value: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * A database, an SMTP stub, where wanted a mailbox, and any number of apps. All of them belong to one spec file: nothing is
 * shared with specs that run at the same time.
 */
export class NotificationHarness {
  readonly smtp = new SmtpStub();
  private openLedger: Ledger | undefined;
  private openMailbox: TestMail | undefined;
  private readonly apps: App[] = [];

  async open(hasMailbox: boolean): Promise<void> {
    [this.openLedger, this.openMailbox] = await Promise.all([
      startLedger(),
      hasMailbox ? refusingMail() : undefined,
      this.smtp.start(),
    ]);
  }

  /** Deletes all rows and e-mails. */
  async reset(): Promise<void> {
    this.smtp.reset();
    await this.pool
      .query(`TRUNCATE notification.members, notification.connections, notification.email_preferences,
      notification.deliveries, notification.dead_letters, notification.bounced_addresses,
      notification.profile_offsets, notification.profile_sweeps,
      notification.unclear_refusals, notification.recent_refusals, read_models.restored_log_reports`);
    if (this.openMailbox) await fetch(`${this.openMailbox.url}/api/messages`, { method: 'DELETE' });
  }

  async stopApps(): Promise<void> {
    await Promise.all(this.apps.splice(0).map((app) => app.stop()));
  }

  async close(): Promise<void> {
    await this.stopApps();
    await Promise.all([this.openLedger?.stop(), this.openMailbox?.stop(), this.smtp.stop()]);
  }

  get pool(): Pool {
    return this.openLedger!.pool;
  }

  get databaseUrl(): string {
    return this.openLedger!.url;
  }

  /** An app whose worker does not run yet. */
  create(overrides: AppOverrides = {}): App {
    const smtpUrl = overrides.smtpUrl ?? this.openMailbox?.smtpUrl ?? this.smtp.url;
    const app = createApp(this.pool, smtpUrl, overrides);
    this.apps.push(app);
    return app;
  }

  start(overrides?: AppOverrides): App {
    const app = this.create(overrides);
    app.worker.start();
    return app;
  }

  /** All deliveries, in the order of their events. */
  async deliveries(): Promise<DeliveryRow[]> {
    const { rows } = await this.pool.query<DeliveryRow>(
      `SELECT recipient_id, kind, state, reason, smtp_code, content FROM notification.deliveries
       ORDER BY happened_at, recipient_id`,
    );
    return rows;
  }

  /** Waits until the deliveries have these states, in the order of their events. */
  untilStates(...states: string[]): Promise<DeliveryRow[]> {
    return readUntil(
      () => this.deliveries(),
      (rows) => JSON.stringify(rows.map(({ state }) => state)) === JSON.stringify(states),
    );
  }

  /** Waits until the first delivery has this reason. */
  untilReason(reason: string): Promise<DeliveryRow[]> {
    return readUntil(
      () => this.deliveries(),
      ([row]) => row?.reason === reason,
    );
  }

  async count(condition: string, table = 'deliveries'): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>(
      `SELECT count(*)::integer FROM notification.${table} WHERE ${condition}`,
    );
    return rows[0]!.count;
  }

  /** Waits until this many deliveries fulfil the condition. */
  untilCount(condition: string, expected: number): Promise<number> {
    return readUntil(
      () => this.count(condition),
      (found) => found === expected,
      120_000,
    );
  }

  /** Moves all instants of the deliveries into the past, as if this time had passed. */
  async letTimePass(ms: number): Promise<void> {
    await this.pool.query(
      `UPDATE notification.deliveries SET happened_at = happened_at - passed, created_at = created_at - passed,
         due_at = due_at - passed, deferred_until = deferred_until - passed, valid_until = valid_until - passed, settled_at = settled_at - passed
       FROM (SELECT $1::float8 * interval '1 millisecond' AS passed) time`,
      [ms],
    );
  }

  /** The e-mails in the mailbox, oldest first. */
  mails(): Promise<Mail[]> {
    return mailsAt(this.openMailbox!);
  }

  expectMails(count: number): Promise<Mail[]> {
    return readUntil(
      () => this.mails(),
      (list) => list.length === count,
    );
  }
}

/**
 * Opens a harness for the specs of a file, with an empty database and no running app before each.
 * @param mailbox whether apps send to a development mail server, which shows decoded e-mails, instead of the stub
 */
export function useNotificationHarness({ mailbox = false } = {}): NotificationHarness {
  const harness = new NotificationHarness();
  beforeAll(() => harness.open(mailbox));
  beforeEach(() => harness.reset());
  afterEach(() => harness.stopApps());
  afterAll(() => harness.close());
  return harness;
}
