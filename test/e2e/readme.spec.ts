import { afterAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { MemberAtApi, type Mail } from '../support/member.js';
import { alive, killTree, processTree } from '../support/process-tree.js';
import { newFolder, removeFolder, runMain, startEmbedded, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

const DEMO = 'apps/standalone/src/demo.main.js';
const FROM_AMAL = 'amal.7a1c0e52-0000-4000-8000-000000000001';
const FROM_CHIARA = 'chiara.7a1c0e52-0000-4000-8000-000000000003';

/** The commands of the README in their order: each step depends on the one before. */
describe('the first steps of the README', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let mailsOfDemo: readonly Mail[];
  let ledgerOfDemo: readonly object[];

  afterAll(() => {
    if (standalone !== undefined) killTree(standalone.pid);
    removeFolder(dir);
  });

  const allMails = async () =>
    (await (await fetch(`${standalone.endpoints.mail}/api/messages`)).json()) as Mail[];

  /** The state of every delivery, and its number of attempts. */
  async function ledger(): Promise<readonly object[]> {
    const client = new Client(standalone.endpoints.postgres);
    await client.connect();
    try {
      const query =
        'SELECT event_id, recipient_id, kind, state, attempts FROM notification.deliveries ORDER BY 1, 2';
      return (await client.query<object>(query)).rows;
    } finally {
      await client.end();
    }
  }

  /** Expects the inbox, archive, sent list, e-mails and deliveries after the demo. */
  async function expectStateOfDemo(): Promise<void> {
    const [amal, bilal] = await Promise.all(['amal', 'bilal'].map((id) => MemberAtApi.of(standalone, id)));
    // Ignored, and moved back (D20).
    expect((await bilal!.list('inbox')).map(({ invitationId }) => invitationId)).toEqual([FROM_CHIARA]);
    expect(await bilal!.list('archive')).toEqual([]);
    expect(await amal!.list('sent')).toContainEqual(
      expect.objectContaining({ invitationId: FROM_AMAL, status: 'accepted' }),
    );
    expect((await allMails()).map(({ headers }) => headers['message-id'])).toEqual(
      mailsOfDemo.map(({ headers }) => headers['message-id']),
    );
    expect(await ledger()).toEqual(ledgerOfDemo);
  }

  it('npm start prints the addresses and what to try next', async () => {
    standalone = await startEmbedded(dir);
    expect(standalone.output()).toContain(standalone.endpoints.api);
    expect(standalone.output()).toContain('npm run demo');
    expect((await fetch(`${standalone.endpoints.api}/readyz`)).status).toBe(200);
  });

  it('a second npm start is rejected, with or without --fresh, and disturbs nothing', async () => {
    for (const args of [[], ['--fresh']]) {
      const { code, output } = await runMain('apps/standalone/src/main.js', dir, args);
      expect(output).toContain(`cannot start: another standalone service runs in ${dir}`);
      expect(code).toBe(1);
    }
    expect((await fetch(`${standalone.endpoints.api}/readyz`)).status).toBe(200);
  });

  it('npm run demo shows the outcome, lists and e-mail of each command', async () => {
    const { code, output } = await runMain(DEMO, dir);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain('7. Bilal ignores');
    expect(output).toContain('8. Bilal moves it back');
    expect(output).toContain('← refused RECIPIENT_UNAVAILABLE');
    expect(output).toContain('← refused ALREADY_CONNECTED');
    // Three invitations (Bilal twice, Dalia) and one acceptance, and none for refusals, ignores and restores.
    await until(async () => (await allMails()).length === 4, 30_000, 'four mails');
    mailsOfDemo = await allMails();
    ledgerOfDemo = await ledger();
    expect(ledgerOfDemo).toHaveLength(4);
    expect(mailsOfDemo.map(({ to }) => to[0]).toSorted()).toEqual([
      'amal@network.example',
      'bilal@network.example',
      'bilal@network.example',
      'dalia@network.example',
    ]);
    await expectStateOfDemo();
  });

  it('a second npm run demo changes nothing', async () => {
    const { code, output } = await runMain(DEMO, dir);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output.match(/the outcome of the first time/g)).toHaveLength(8);
    await expectStateOfDemo();
  });

  it('Ctrl-C stops everything and leaves no orphan process', async () => {
    const pids = processTree(standalone.pid).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThan(8);
    expect(await standalone.stop()).toBe(0);
    expect(alive(pids)).toEqual([]);
  });

  it('npm start after Ctrl-C restores the state', async () => {
    standalone = await startEmbedded(dir);
    await expectStateOfDemo();
  });

  it('npm start after kill -9 of all processes restores the state and sends nothing twice', async () => {
    await standalone.killAll();
    standalone = await startEmbedded(dir);
    await expectStateOfDemo();
    expect(await runMain(DEMO, dir)).toMatchObject({ code: 0 });
    await expectStateOfDemo();
  });

  it('kill -9 of the supervisor ends all processes that it started', async () => {
    const pids = processTree(standalone.pid).map(({ pid }) => pid);
    process.kill(standalone.pid, 'SIGKILL');
    await until(
      () => alive(pids).length === 0,
      30_000,
      () => `processes left: ${alive(pids).join(', ')}`,
    );
  });

  it('npm start -- --fresh deletes the state, even beside a PostgreSQL that was left behind', async () => {
    standalone = await startEmbedded(dir);
    const postgres = processTree(standalone.pid).filter(({ command }) => /postgres(\s|:)/.test(command));
    await standalone.killAll();
    const left = () => alive(postgres.map(({ pid }) => pid));
    await until(
      () => left().length === 0,
      30_000,
      () => `the end of ${left().join(', ')}`,
    );
    standalone = await startEmbedded(dir, {}, ['--fresh']);
    const bilal = await MemberAtApi.of(standalone, 'bilal');
    expect(await bilal.list('inbox')).toEqual([]);
    expect(await allMails()).toEqual([]);
    expect(await standalone.stop()).toBe(0);
  });
});

describe('the standalone commands', () => {
  it('npm run demo without a running service explains what to do', async () => {
    const dir = newFolder();
    const { code, output } = await runMain(DEMO, dir);
    removeFolder(dir);
    expect(code).toBe(1);
    expect(output.trim()).toBe('the service is not running: start it with npm start in another terminal');
  });

  it.each([
    ['apps/standalone/src/main.js', ['--frehs'], 2],
    ['apps/standalone/src/token.main.js', [], 1],
    ['apps/standalone/src/token.main.js', ['no such/member'], 1],
  ])('%s %j prints the usage', async (main, args, code) => {
    const dir = newFolder();
    const result = await runMain(main, dir, args);
    removeFolder(dir);
    expect(result.output).toContain('Usage: npm');
    expect(result.code).toBe(code);
  });

  it.each(['main.js', 'demo.main.js', 'token.main.js'])(
    '%s --help prints the usage and does nothing',
    async (main) => {
      const { code, output } = await runMain(`apps/standalone/src/${main}`, '/nonexistent', ['--help']);
      expect(output).toContain('Usage: npm');
      expect(code).toBe(0);
    },
  );
});
