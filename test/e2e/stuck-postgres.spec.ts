import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { APPS, Deployed, type AppName } from '../support/deployed.js';
import { processTree } from '../support/process-tree.js';
import { realServers } from '../support/real-servers.js';
import { until } from '../support/until.js';

const isHere = !realServers().has('containers') && !process.env['DATABASE_URL'];
if (!isHere) console.warn('PostgreSQL is not stopped: it is no process of this machine, or not ours.');

const PAIR = { inviterId: 'amal', recipientId: 'bilal' };

const PROBE_MS = 3_000;

/** A statement may take 30 s, and a server that falls silent does not end it: the client does, 5 s later. */
const NOTICED_WITHIN_MS = 90_000;

/** A server that takes connections and says nothing: worse than one that is gone. */
// oxlint-disable-next-line jest/no-disabled-tests -- said above, where it cannot be
(isHere ? describe : describe.skip)('while PostgreSQL hangs', () => {
  let deployed: Deployed;
  const over = new AbortController();
  let watching: Promise<AppName[]>;

  beforeAll(async () => {
    deployed = await Deployed.start();
    await deployed.service.members('amal', 'bilal');
    await until(async () => (await invite()) === 'accepted', 30_000, 'the members directory');
    watching = watch(over.signal);
  }, 300_000);
  afterAll(async () => {
    over.abort();
    signalPostgres('SIGCONT');
    await deployed?.stop();
  }, 120_000);

  const invite = async () => (await deployed.service.ask('send', PAIR)).outcome;

  /** Its sessions, too: each is a process of its own. */
  function signalPostgres(signal: NodeJS.Signals): void {
    for (const { pid, command } of processTree(process.pid)) {
      if (/\/bin\/postgres |^postgres: /.test(command)) process.kill(pid, signal);
    }
  }

  /** As the probes in deploy/kubernetes see it. */
  const passes = (app: AppName, path: string) =>
    fetch(`${deployed.url(app)}${path}`, { signal: AbortSignal.timeout(PROBE_MS) }).then(
      ({ status }) => status === 200,
      () => false,
    );

  /** Whose liveness probe has failed meanwhile. */
  async function watch(signal: AbortSignal): Promise<AppName[]> {
    const failures: AppName[] = [];
    while (!signal.aborted) {
      for (const app of APPS) {
        if (!(await passes(app, '/healthz'))) failures.push(app);
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return failures;
  }

  it('every app is unready, none is restarted, and all go on by themselves afterwards', async () => {
    signalPostgres('SIGSTOP');
    const commandId = randomUUID();
    const command = deployed.service.command('send', PAIR, commandId);
    await deployed.service.publish(TOPICS.commands, [command]);
    const token = await deployed.issuer.token('amal');
    const headers = { authorization: `Bearer ${token}` };
    const inbox = await fetch(`${deployed.api}/v1/inbox`, { headers });
    expect(inbox.status).toBe(503);
    for (const app of APPS) {
      await until(async () => !(await passes(app, '/readyz')), NOTICED_WITHIN_MS, `${app} to be unready`);
    }

    signalPostgres('SIGCONT');
    for (const app of APPS) {
      await until(() => passes(app, '/readyz'), 60_000, `${app} to be ready`);
    }
    expect((await deployed.service.outcomeOf(commandId)).outcome).toBe('accepted');
    expect((await fetch(`${deployed.api}/v1/inbox`, { headers })).status).toBe(200);
    over.abort();
    expect(await watching).toEqual([]);
    expect(APPS.map((app) => deployed.app(app).ended)).toEqual(APPS.map(() => undefined));
  }, 300_000);
});
