import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { CommandStream } from '../support/command-stream.js';
import { kafkaUnderControl, type KafkaUnderControl } from '../support/kafka.js';
import { postgresUnderControl, type PostgresUnderControl } from '../support/postgres.js';
import { PublishingService } from '../support/publisher.js';
import { realServers } from '../support/real-servers.js';
import { endStandalone, newFolder, startEmbedded, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

const isAsked = realServers().size > 0;
if (!isAsked) console.warn('Servers that fail are skipped: TEST_SERVERS=kafka,postgres runs these tests.');

/** Servers that fail under load and return. Nothing may be lost or happen twice. */
// oxlint-disable-next-line jest/no-disabled-tests -- said above, where it was not asked for
(isAsked ? describe : describe.skip)('the running service in a stream of commands', () => {
  const dir = newFolder();
  let kafka: KafkaUnderControl;
  let postgres: PostgresUnderControl;
  let standalone: Standalone;
  let service: PublishingService;

  beforeAll(async () => {
    [kafka, postgres] = await Promise.all([kafkaUnderControl(), postgresUnderControl()]);
    standalone = await startEmbedded(dir, { ...kafka.env, DATABASE_URL: postgres.url });
    service = await new PublishingService(kafka.brokers).start();
  }, 400_000);

  afterAll(async () => {
    await service?.stop();
    await endStandalone(dir);
    await Promise.all([kafka?.stop(), postgres?.stop()]);
  });

  async function expectNothingLost(happening: () => Promise<unknown>): Promise<void> {
    const stream = new CommandStream(standalone, service);
    await stream.through(happening);
    await stream.expectOneOutcomeEach();
  }

  it('loses and repeats nothing when the broker is killed and restarted (D10)', async () => {
    await expectNothingLost(async () => {
      await kafka.kill();
      await kafka.startAgain();
    });
  }, 600_000);

  it('loses and repeats nothing when PostgreSQL is restarted (D10)', async () => {
    await expectNothingLost(async () => {
      await postgres.shutDown();
      await postgres.startAgain();
    });
  }, 600_000);

  it('loses and repeats nothing when sessions that hold locks are terminated again and again, and then every session (D10)', async () => {
    await expectNothingLost(async () => {
      const operator = new Client(postgres.url);
      await operator.connect();
      const terminated = new Map<string, number>();
      const terminate = async (condition: string) => {
        const { rows } = await operator.query<{ app: string }>(
          `SELECT application_name AS app, pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`,
        );
        for (const { app } of rows) terminated.set(app, (terminated.get(app) ?? 0) + 1);
      };
      try {
        // A transaction that has written holds locks.
        await until(
          async () => {
            await terminate('backend_xid IS NOT NULL');
            return [...terminated].some(([app, times]) => app.startsWith('projector') && times >= 10);
          },
          120_000,
          () => `ten sessions of the projector, only ${JSON.stringify([...terminated])}`,
          5,
        );
        await terminate("application_name <> ''");
      } finally {
        await operator.end();
      }
      // A pool closes idle connections, so not every app has a session at this moment.
      expect(terminated.size).toBeGreaterThan(1);
    });
  }, 600_000);
});
