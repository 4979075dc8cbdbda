import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { APPS, type AppName } from '../deploy/support/workloads.js';
import { PublishingService } from '../support/publisher.js';
import { until } from '../support/until.js';
import { AppContainer } from './support/app-container.js';
import { compose, composeUp, NETWORK, publishMembers, tokenOf } from './support/compose.js';
import { docker, IMAGES, stateOf } from './support/docker.js';

const apps = Object.keys(APPS) as AppName[];
/** Milliseconds from the start of the container to SIGTERM. */
const TIMES = [0, 20, 50, 200, 500, 1_000, 2_000, 5_000];
/** 128 and the number of SIGTERM: it came before Node had read the app, which has then begun nothing. */
const BEFORE_THE_APP = 143;
const COMMANDS = 300;
const GOOD_END = { code: 0, OOMKilled: false, fatal: [], log: '' };

/** Printed at the end. */
const table: (readonly [what: string, result: string])[] = [];

describe('the images in a container engine', () => {
  let replicas: AppContainer[] = [];

  beforeAll(composeUp, 900_000);
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.remove()));
    replicas = [];
  });
  afterAll(async () => {
    await compose('down', '--volumes', '--remove-orphans');
    const width = Math.max(...table.map(([what]) => what.length));
    process.stderr.write(
      `\nIn containers (${IMAGES}):\n${table.map(([what, result]) => `  ${what.padEnd(width)}  ${result}\n`).join('')}\n`,
    );
  }, 120_000);

  async function create(app: AppName): Promise<AppContainer> {
    const replica = await AppContainer.create(app);
    replicas.push(replica);
    return replica;
  }

  describe('deploy/compose.yaml', () => {
    it('carries an invitation from the api to an e-mail', async () => {
      await publishMembers();
      const token = await tokenOf('amal');
      const invite = async () => {
        const response = await fetch('http://127.0.0.1:3000/v1/invitations', {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'idempotency-key': randomUUID(),
          },
          body: JSON.stringify({ recipientId: 'bilal' }),
        });
        await response.text();
        return response.status === 201;
      };
      await until(invite, 60_000, 'an invitation to a member whose profile arrives', 500);
      const messages = `http://127.0.0.1:8025/api/${IMAGES === 'registry' ? 'v1/' : ''}messages`;
      const isMailed = async () => (await (await fetch(messages)).text()).includes('bilal@network.example');
      await until(isMailed, 60_000, 'the e-mail to the recipient', 250);
      table.push(['compose: an invitation and its e-mail', 'passed']);
    });

    it('lets Prometheus scrape every app', async () => {
      const up = async () => {
        const response = await fetch('http://127.0.0.1:9090/api/v1/query?query=up==1');
        const { data } = (await response.json()) as { data: { result: { metric: { job: string } }[] } };
        return data.result.filter(({ metric }) => metric.job in APPS).length;
      };
      await until(async () => (await up()) >= apps.length, 60_000, 'a scrape of every app', 500);
      table.push(['compose: Prometheus scrapes every app', 'passed']);
    });
  });

  describe('an app as its manifest runs it', () => {
    it.each(apps.flatMap((app) => TIMES.map((ms) => [app, ms] as const)))(
      'ends within the grace period on SIGTERM, with 0 if it has begun: %s, %d ms after its start',
      async (app, ms) => {
        const replica = await create(app);
        await replica.startAndTerminate(ms);
        const { code, log } = await replica.end();
        const { OOMKilled } = await stateOf(replica.name);
        table.push([`${app}: SIGTERM after ${ms / 1000} s`, String(code)]);
        const end = { code, OOMKilled, fatal: fatalIn(log), log: code === 0 ? '' : log };
        expect(end).toEqual(log === '' && code === BEFORE_THE_APP ? { ...GOOD_END, code } : GOOD_END);
      },
    );

    it('becomes ready, completes its work on SIGTERM under load, and loses no command: all apps', async () => {
      await Promise.all(apps.map(create));
      await Promise.all(replicas.map((replica) => replica.start()));
      await Promise.all(replicas.map((replica) => replica.untilReady()));
      const service = await new PublishingService('127.0.0.1:9092').start();
      try {
        await service.members('amal', 'bilal');
        await service.untilKnown('bilal');
        const before = service.answers.length;
        const commands = Array.from({ length: COMMANDS }, (_, n) =>
          service.command('send', { inviterId: `inviter-${n}`, recipientId: 'bilal' }),
        );
        await service.publish('invitations.commands', commands);
        await until(() => service.answers.length > before, 60_000, 'the first outcome', 1);
        await Promise.all(replicas.map((replica) => replica.terminate()));
        const ends = await Promise.all(replicas.map((replica) => replica.end()));
        apps.forEach((app, index) => table.push([`${app}: SIGTERM under load`, String(ends[index]!.code)]));
        expect(ends.map(({ code, log }) => [code, fatalIn(log)])).toEqual(apps.map(() => [0, []]));
        const ids = new Set(commands.map(({ headers }) => String(headers!['ce_id'])));
        const accepted = () =>
          service.answers.filter(
            ({ outcome }) => ids.has(outcome.commandId) && outcome.outcome === 'accepted',
          );
        const decided = () => new Set(accepted().map(({ outcome }) => outcome.commandId)).size;
        await until(
          () => decided() === COMMANDS,
          90_000,
          () => `${COMMANDS} outcomes, not ${decided()}`,
        );
      } finally {
        await service.stop();
      }
    });
  });

  it('ends the migration job on SIGTERM while it waits for another', async () => {
    const password = process.env['POSTGRES_PASSWORD']!;
    const other = new Client(`postgres://invitations:${password}@127.0.0.1:5432/invitations`);
    await other.connect();
    try {
      await other.query('SELECT pg_advisory_lock(7301963)');
      const url = `DATABASE_URL=postgres://invitations:${password}@postgres:5432/invitations`;
      const id = await docker(
        'run',
        '--detach',
        `--network=${NETWORK}`,
        '--read-only',
        `--env=${url}`,
        'invitations/migrate:compose',
      );
      const isWaiting = async () => {
        const { rows } = await other.query(
          `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
        );
        return rows.length > 0;
      };
      await until(isWaiting, 60_000, 'the migration to wait for the lock');
      await docker('stop', '--time', '30', id);
      const { ExitCode } = await stateOf(id);
      await docker('rm', id);
      table.push(['migrate: SIGTERM while it waits', String(ExitCode)]);
      expect(ExitCode).toBe(143);
    } finally {
      await other.end();
    }
  });

  it('stops every app of deploy/compose.yaml with exit code 0', async () => {
    await compose('stop', ...apps);
    const codes = await Promise.all(
      apps.map(async (app) => (await stateOf(`invitations-${app}-1`)).ExitCode),
    );
    table.push(['compose: stop', codes.join(', ')]);
    expect(codes).toEqual(apps.map(() => 0));
  });
});

const fatalIn = (log: string) => log.split('\n').filter((line) => line.includes('"level":"fatal"'));
