import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { APPS, Deployed, DEPLOYED_MIGRATIONS, type AppName } from '../support/deployed.js';
import { startOwnEventStore } from '../support/event-store.js';
import { kafkaUnderControl } from '../support/kafka.js';
import { postgresUnderControl } from '../support/postgres.js';
import { processTree } from '../support/process-tree.js';
import { realServers } from '../support/real-servers.js';
import { until } from '../support/until.js';

/** The processes of each server (each session of PostgreSQL has its own), and the apps that need it. */
const SERVERS: readonly [string, RegExp, readonly AppName[]][] = [
  ['PostgreSQL', /\/bin\/postgres |^postgres: /, APPS],
  ['the event store', /dev-servers\/src\/eventstore\/main\.js/, ['command', 'projector']],
  ['Kafka', /dev-servers\/src\/kafka\/main\.js/, APPS],
];

const isOurs =
  realServers().size === 0 &&
  ['DATABASE_URL', 'EVENTSTORE_COMMAND', 'EVENTSTORE_URL', 'KAFKA_BROKERS'].every(
    (name) => !process.env[name],
  );
if (!isOurs)
  console.warn('Servers that hang are skipped: only those that the spec has started can be paused.');

const PAIR = { inviterId: 'amal', recipientId: 'bilal' };

const PROBE_MS = 3_000;

/** A statement may take 30 s. If the server falls silent, the client gives up 5 s later. */
const NOTICED_WITHIN_MS = 90_000;

/** Servers that accept connections and do not respond, which is worse than servers that are gone. */
// oxlint-disable-next-line jest/no-disabled-tests -- said above, where it cannot be
(isOurs ? describe : describe.skip)('servers that hang', () => {
  let deployed: Deployed;
  let over: AbortController;

  beforeAll(async () => {
    const [eventStore, kafka, postgres] = await Promise.all([
      startOwnEventStore(),
      kafkaUnderControl(),
      postgresUnderControl(...DEPLOYED_MIGRATIONS),
    ]);
    deployed = await Deployed.start({
      eventStore,
      kafka: { brokers: kafka.brokers.split(','), stop: () => kafka.stop() },
      postgres,
    });
    await deployed.service.members('amal', 'bilal');
    await until(async () => (await invite()) === 'accepted', 30_000, 'the members directory');
  }, 300_000);
  afterAll(async () => {
    for (const [, processes] of SERVERS) signalTo(processes, 'SIGCONT');
    await deployed?.stop();
  });

  beforeEach(() => {
    over = new AbortController();
  });
  afterEach(() => over.abort());

  const invite = async () => (await deployed.service.ask('send', PAIR)).outcome;

  function signalTo(processes: RegExp, signal: NodeJS.Signals): void {
    for (const { pid, command } of processTree(process.pid)) {
      if (processes.test(command)) process.kill(pid, signal);
    }
  }

  /** Probes an app like the probes in deploy/kubernetes. */
  const probe = (app: AppName, path: string) =>
    fetch(`${deployed.url(app)}${path}`, { signal: AbortSignal.timeout(PROBE_MS) }).then(
      ({ status }) => status,
      () => undefined,
    );
  const passes = async (app: AppName, path: string) => (await probe(app, path)) === 200;

  /** Returns the apps whose liveness probe fails before the signal aborts. */
  async function restarted(signal: AbortSignal): Promise<AppName[]> {
    const failures: AppName[] = [];
    while (!signal.aborted) {
      for (const app of APPS) {
        if (!(await passes(app, '/healthz'))) failures.push(app);
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return failures;
  }

  it.each(SERVERS)(
    'make the apps that need them unready, restart none, and all apps recover: %s',
    async (_name, processes, affected) => {
      const watching = restarted(over.signal);
      const commandId = randomUUID();
      const command = deployed.service.command('send', PAIR, commandId);
      signalTo(processes, 'SIGSTOP');
      const published = deployed.service.publish(TOPICS.commands, [command]);
      for (const app of affected) {
        await until(async () => !(await passes(app, '/readyz')), NOTICED_WITHIN_MS, `${app} to be unready`);
        // The readiness responds without waiting for the server.
        expect([app, await probe(app, '/readyz')]).toEqual([app, 503]);
      }

      signalTo(processes, 'SIGCONT');
      await published;
      for (const app of APPS) await until(() => passes(app, '/readyz'), 60_000, `${app} to be ready`);
      expect((await deployed.service.outcomeOf(commandId)).outcome).toBe('accepted');
      over.abort();
      expect(await watching).toEqual([]);
      expect(APPS.map((app) => deployed.app(app).ended)).toEqual(APPS.map(() => undefined));
    },
    300_000,
  );
});
