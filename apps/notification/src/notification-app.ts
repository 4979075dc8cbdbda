import type { Registry } from 'prom-client';
import type { BatchConsumer } from '#libs/kafka';
import type { SmtpSender } from '#libs/mail';
import { startHealthServer, type Health, type Logger, type Pool, type Running } from '#libs/platform';
import type { Sender } from './deliveries/sender.js';
import { preferencesRoutes } from './preferences/preferences.routes.js';

export interface NotificationParts {
  readonly consumer: BatchConsumer;
  readonly sender: Sender;
  readonly smtp: SmtpSender;
  readonly pool: Pool;
  readonly health: Health;
  readonly metrics: Registry;
  readonly port: number;
  readonly logger: Logger;
}

/** Below the deadline of the process: what an SMTP server has not answered by then is cut off, and written down so. */
const DRAIN_MS = 12_000;

/** Starts what is needed first, and stops the intake before what it works with. */
export class NotificationApp {
  constructor(private readonly parts: NotificationParts) {}

  async start(): Promise<Running> {
    const { consumer, sender, smtp, pool, health, metrics, port, logger } = this.parts;
    await requireTables(pool);
    const server = await startHealthServer(port, health, metrics, preferencesRoutes(pool, logger));
    sender.start();
    await consumer.start();
    return {
      async stop() {
        await consumer.stop();
        const timer = setTimeout(() => smtp.close(true), DRAIN_MS);
        await sender.stop();
        clearTimeout(timer);
        smtp.close();
        await server.close();
        await pool.end();
      },
    };
  }
}

/** Migrating is a deployment step of its own; several instances that start at once would be in its way. */
async function requireTables(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ ledger: string | null }>(
    `SELECT to_regclass('notification.bounced_addresses') AS ledger`,
  );
  if (rows[0]?.ledger == null) {
    throw new Error('the schema notification is not up to date: run migrate.main of this app first');
  }
}
