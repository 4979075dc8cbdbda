import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployed } from '../support/deployed.js';
import { runTool, startTool } from '../support/run-tool.js';
import { until } from '../support/until.js';

const MESSAGE = 'We met at the harbour';
const REPLY = 'I remember the boats';
const OTHER_MESSAGE = 'You showed me the lighthouse';
const TOOL = 'projector/src/erase.main.js';

/** The tool as an operator runs it, on the whole service (D23). */
describe('npm run tool -- erase', () => {
  let deployed: Deployed;
  let folder: string;
  const secret = randomBytes(32).toString('base64url');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'erase-'));
    deployed = await Deployed.start();
    const keys = { TEXT_KEYS: `t1:${randomBytes(32).toString('base64url')}` };
    await Promise.all([deployed.app('command').stop(), deployed.app('projector').stop()]);
    await Promise.all([
      deployed.startApp('command', { ...keys, OPERATOR_COMMAND_SECRETS: secret }),
      deployed.startApp('projector', keys),
    ]);
    const { service } = deployed;
    await service.members('amal', 'bilal', 'chiara', 'dalia');
    await service.untilKnown('amal', 'bilal', 'chiara', 'dalia');
    const [first, second] = [randomUUID(), randomUUID()];
    await service.ask('send', { inviterId: 'dalia', recipientId: 'chiara', message: OTHER_MESSAGE });
    await service.ask('send', { inviterId: 'amal', recipientId: 'bilal', message: MESSAGE }, first);
    await service.ask('send', { inviterId: 'chiara', recipientId: 'amal', message: 'Hello' }, second);
    await service.ask('reply', { invitationId: `chiara.${second}`, actorId: 'amal', message: REPLY });
    await until(async () => (await sentOf('chiara'))[0]?.['reply'] === REPLY, 30_000, 'the reply');
    await until(async () => (await inboxOf('bilal')).length === 2, 30_000, 'the invitation');
    await writeFile(
      known(),
      JSON.stringify({ texts: [MESSAGE, REPLY], addresses: ['amal@network.example'] }),
    );
  }, 300_000);
  afterAll(async () => {
    await deployed?.stop();
    await rm(folder, { recursive: true });
  });

  const known = () => join(folder, 'known.json');
  const rowsOf = async (query: string, id: string) =>
    (await deployed.pool.query<Record<string, unknown>>(query, [id])).rows;
  const sentOf = (id: string) => rowsOf('SELECT * FROM read_models.sent WHERE inviter_id = $1', id);
  const inboxOf = (id: string) => rowsOf('SELECT * FROM read_models.inbox WHERE recipient_id = $1', id);
  const environment = () => ({
    DATABASE_URL: deployed.postgres,
    EVENTSTORE_URL: deployed.eventStore,
    KAFKA_BROKERS: deployed.brokers,
    OPERATOR_COMMAND_SECRETS: secret,
  });
  const erase = (...args: string[]) => runTool(TOOL, args, { env: environment() });

  /** Sends SIGKILL after a number of lines, each of which says that a step is complete. */
  async function eraseUntilKilled(memberId: string, afterLines: number) {
    const { child, ended } = startTool(TOOL, [memberId], { env: environment() });
    let lines = 0;
    child.stdout!.on('data', (text: Buffer) => {
      lines += text.toString().split('\n').length - 1;
      if (lines >= afterLines) child.kill('SIGKILL');
    });
    return { code: (await ended).code, lines };
  }

  it('is red before, closes the account and erases the member, and is green but for topics that keep messages', async () => {
    const before = await erase('--verify', 'amal', '--known', known());
    expect(before.code).toBe(1);
    expect(before.out).toContain("key of the member's texts: FOUND");

    const { code, out, err } = await erase('amal', '--known', known());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('close the account: closed\n');
    expect(out).toContain("delete the key of the member's texts: deleted\n");
    expect(out).toContain('remove the profile from its topic: tombstone published\n');
    expect(out).toMatch(/amal is erased\n$/);

    await until(
      async () => (await erase('--verify', 'amal', '--known', known())).code === 0,
      30_000,
      'a green proof',
    );
    const after = await erase('--verify', 'amal', '--known', known());
    expect(after.out).not.toContain('FOUND');
    expect(after.out).toContain('event log: clean\n');
    expect(after.out).toMatch(/invitations\.replied: not yet clean, 1 messages, until 2.*retention\.ms=/);
    expect(await sentOf('chiara')).toMatchObject([{ recipient_id: 'amal', message: 'Hello', reply: null }]);
    expect(await sentOf('amal')).toEqual([]);
  }, 180_000);

  it('goes on after kill -9 in every step', async () => {
    let lines = 0;
    for (let code: number | null = null; code === null;) {
      const run = await eraseUntilKilled('dalia', lines + 1);
      // A run that ends by itself has printed no more lines than the one before.
      ({ code } = run);
      lines = Math.max(lines, run.lines);
    }
    expect(lines).toBeGreaterThan(15);
    const knownOfDalia = join(folder, 'dalia.json');
    await writeFile(
      knownOfDalia,
      JSON.stringify({ texts: [OTHER_MESSAGE], addresses: ['dalia@network.example'] }),
    );
    await until(
      async () => (await erase('--verify', 'dalia', '--known', knownOfDalia)).code === 0,
      30_000,
      'a green proof',
    );
    expect((await inboxOf('chiara')).filter((row) => row['inviter_id'] === 'dalia')).toEqual([]);
  }, 300_000);

  it('says in a second run that there is nothing left to do', async () => {
    const { code, out } = await erase('amal');
    expect(code).toBe(0);
    expect(out).toMatch(/amal was erased before: there is nothing left to do\n$/);
  }, 120_000);

  it('is recorded, and rejects what is not a member id, and a file of another form', async () => {
    const { rows } = await deployed.pool.query(
      'SELECT action, finished_at IS NOT NULL AS finished FROM read_models.operator_actions ORDER BY id LIMIT 1',
    );
    expect(rows).toEqual([{ action: `erase amal --known ${known()}`, finished: true }]);
    expect((await erase('not an id')).code).toBe(2);
    expect((await erase('--verify', 'amal')).code).toBe(2);
    await writeFile(known(), JSON.stringify({ text: 'misspelt' }));
    expect(await erase('--verify', 'amal', '--known', known())).toMatchObject({
      code: 2,
      err: expect.stringContaining('names, addresses, texts, digests'),
    });
  }, 120_000);
});
