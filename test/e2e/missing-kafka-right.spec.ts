import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import { createLogger } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { createTopics } from '../../apps/standalone/src/servers/provisioning.js';
import { readKafkaUsers } from '../deploy/support/kafka-users.js';
import { AppProcess } from '../support/app-process.js';
import { openEmptyEventStore, type TestEventStore } from '../support/event-store.js';
import { findFreePort } from '../support/ports.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { PublishingService } from '../support/publisher.js';
import { realServers } from '../support/real-servers.js';
import { securedKafka, type SecuredKafka } from '../support/secured-kafka.js';
import { until } from '../support/until.js';

const WITHIN_MS = 120_000;
const USER = 'invitations-command';

const isAsked = realServers().has('kafka');
if (!isAsked)
  console.warn('The app without a right is skipped: it needs ACLs, which TEST_SERVERS=kafka brings.');

// oxlint-disable-next-line jest/no-disabled-tests -- said above, where it was not asked for
(isAsked ? describe : describe.skip)('the command app without a right in Kafka', () => {
  const acls = readKafkaUsers().get(USER)!.spec.authorization.acls;
  const readsCommands = ({ resource: { type, name } }: (typeof acls)[number]) =>
    type === 'topic' && name === new Topics().commands;
  let kafka: SecuredKafka;
  let eventStore: TestEventStore;
  let postgres: TestPostgres;
  let service: PublishingService;
  let app: AppProcess | undefined;

  beforeAll(async () => {
    [kafka, eventStore, postgres] = await Promise.all([
      securedKafka(),
      openEmptyEventStore(),
      openTestPostgres(readModelMigrations),
    ]);
    await createTopics(new Topics(), kafka.brokers, createLogger('test', 'silent'));
    await kafka.grant(
      USER,
      acls.filter((acl) => !readsCommands(acl)),
    );
    service = await new PublishingService(kafka.brokers).start();
  }, 400_000);

  afterAll(async () => {
    await app?.kill();
    await service?.stop();
    await Promise.all([kafka?.stop(), eventStore?.stop(), postgres?.stop()]);
  }, 60_000);

  it('says which right it lacks and takes no work, and goes on without a restart when the right is granted', async () => {
    const port = await findFreePort();
    const readiness = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      return { status: response.status, text: await response.text() };
    };
    const started = new AppProcess('command', {
      ...kafka.environmentOf(USER),
      EVENTSTORE_URL: eventStore.url,
      DATABASE_URL: postgres.url,
      HEALTH_PORT: String(port),
    });
    app = started;
    const commandId = randomUUID();
    const command = service.command('send', { inviterId: 'ann', recipientId: 'bob' }, commandId);
    await service.publish(new Topics().commands, [command]);
    const missing = `Kafka does not allow User:${USER}: Read on topic ${new Topics().commands}`;
    await until(
      () => started.output.includes(missing),
      WITHIN_MS,
      () => `the right in:\n${started.output}`,
    );
    expect(started.output).toContain('the app waits for them and then starts its work');
    expect(await readiness()).toMatchObject({ status: 503, text: expect.stringContaining(missing) });
    expect(service.answers).toEqual([]);

    await kafka.grant(USER, acls.filter(readsCommands));
    await started.untilReadyAt(`http://127.0.0.1:${port}`);
    await service.outcomeOf(commandId, WITHIN_MS);
    expect(started.output).toContain(`Kafka now grants User:${USER} every right that was missing`);
    expect(started.ended).toBeUndefined();
    expect(await started.stop()).toBe(0);
  }, 400_000);
});
