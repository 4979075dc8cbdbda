import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import { toDeadLetter, readDeadLetterOrigin, type ConsumedMessage } from '#libs/kafka';
import { runTool } from '../../support/run-tool.js';
import { until } from '../../support/until.js';
import { RunningApp } from './support/running-app.js';
import { REPLIES, Servers } from './support/servers.js';

let servers: Servers;
let app: RunningApp;

/** Runs the tool as an operator does. */
const tool = (...args: string[]) => runTool('command/src/dead-letters.main.js', args, { env: servers.env });

interface Item {
  readonly place: string;
  readonly at?: string;
  readonly message?: { readonly partition: number; readonly offset: string };
  readonly type?: string;
  readonly id?: string;
  readonly reason?: string;
  readonly redrivenAt?: string;
}

async function listed(...filters: string[]): Promise<Item[]> {
  const { code, out, err } = await tool('list', '--json', ...filters);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Item[];
}

const headersOf = (id: string, type = 'invitations.send.v1') => ({
  ...cloudEventHeaders({ id, type, source: '/test', time: '2026-01-05T09:00:00Z' }),
  'reply-to': REPLIES,
});

const textOf = (inviterId: string) => JSON.stringify({ inviterId, recipientId: 'recipient-1' });

/** Simulates an older version that rejects a valid command, which becomes a dead letter unchanged. */
async function setAside(
  key: string,
  value: string,
  id: string,
  offset: string,
  topic: string = TOPICS.commands,
) {
  const headers = Object.fromEntries(
    Object.entries(headersOf(id)).map(([name, text]) => [name, Buffer.from(text)]),
  );
  const message: ConsumedMessage = {
    topic,
    partition: 0,
    offset,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers,
    header: (name) => headers[name as keyof typeof headers]?.toString(),
    timestamp: 0,
  };
  const letter = toDeadLetter(message, TOPICS.deadLetters, 'set aside by a test', new Date());
  await servers.publish(
    [{ key: letter.key, value: letter.value, headers: letter.headers! }],
    TOPICS.deadLetters,
  );
}

const valid = randomUUID();
const hex = Buffer.from([0xff, 0x00, 0x9b]);

describe('npm run dead-letters', () => {
  beforeAll(async () => {
    servers = await Servers.start();
    app = await RunningApp.start(servers.env);
    await app.untilReady();
  });

  afterAll(async () => {
    await app.kill();
    await servers.stop();
  });

  it('prints that there are no dead letters', async () => {
    expect(await tool('list')).toEqual({ code: 0, out: 'no dead letters\n', err: '' });
    expect(await listed()).toEqual([]);
    expect((await tool('redrive', '--all')).out).toBe('0 re-driven, 0 left alone\n');
  });

  it('lists each dead letter once, without values', async () => {
    await servers.publish([
      { key: 'anna', value: 'a private word \u001b[2J', headers: headersOf(randomUUID()) },
      { key: 'anna', value: hex, headers: { ...headersOf(randomUUID()), 'x-odd': hex } },
      { key: null, value: '{}', headers: headersOf(randomUUID(), 'invitations.praise.v1') },
    ]);
    await until(async () => (await servers.lag()) === 0, 30_000, 'all is taken');
    await setAside('bert', textOf('bert'), valid, '1000000');
    // A letter of a paused process that resumed late.
    await setAside('bert', textOf('bert'), valid, '1000000');
    const items = await listed();
    expect(items.map(({ reason, type }) => `${type}: ${reason}`).toSorted()).toEqual([
      'invitations.praise.v1: header ce_type names no command',
      'invitations.send.v1: set aside by a test',
      'invitations.send.v1: the message is not JSON',
      'invitations.send.v1: the message is not UTF-8',
    ]);
    for (const { at, message } of items) {
      expect(Date.parse(at!)).toBeGreaterThan(Date.now() - 60_000);
      expect(message).toMatchObject({ topic: TOPICS.commands });
    }
    const { out } = await tool('list');
    expect(out).toContain('4 dead letters\n');
    expect(out).toContain('1000000');
    expect(out).not.toContain('private');
  });

  it('filters the list by reason, type and time', async () => {
    expect(await listed('--reason', 'NOT JSON')).toHaveLength(1);
    expect(await listed('--type', 'praise')).toHaveLength(1);
    expect(await listed('--type', 'praise', '--reason', 'json')).toHaveLength(0);
    expect(await listed('--since', 'PT1H')).toHaveLength(4);
    expect(await listed('--since', '2099-01-01T00:00:00Z')).toHaveLength(0);
  });

  it('shows one dead letter with its headers and its value, as text or as hexadecimal digits', async () => {
    const [json] = await listed('--reason', 'not JSON');
    const text = (await tool('show', json!.place)).out;
    // Control characters that would clear the screen are escaped.
    expect(text).toContain('value: \na private word \\u001b[2J\n');
    expect(text).toContain(`ce_id: ${json!.id}\n`);
    expect(text).toContain('key: anna\n');
    const [utf8] = await listed('--reason', 'not UTF-8');
    const bytes = (await tool('show', utf8!.place)).out;
    expect(bytes).toContain('(no UTF-8, hex) ff009b');
    expect(bytes).toContain('x-odd: (no UTF-8, hex) ff009b\n');
  });

  it('prints one line for an error, with exit code 2 for wrong usage and 1 for a failure', async () => {
    expect(await tool('show', '0@999')).toEqual({
      code: 1,
      out: '',
      err: 'dead-letters: there is no dead letter at 0@999\n',
    });
    for (const args of [
      ['show', 'x'],
      ['redrive'],
      ['redrive', '0@1', '--all'],
      ['list', '--since', 'x'],
      ['x'],
    ]) {
      expect([args, (await tool(...args)).code]).toEqual([args, 2]);
    }
  });

  it('prints what a redrive would do, and publishes nothing without --yes', async () => {
    const [letter] = await listed('--reason', 'set aside');
    const { out } = await tool('redrive', letter!.place, '--dry-run');
    expect(out).toContain(`${letter!.place} would be published again as invitations.commands/0@1000000 was`);
    expect(await listed('--reason', 'set aside')).toEqual([letter]);
    expect(await servers.lag()).toBe(0);
  });

  it('republishes the message byte for byte, and the command gets its outcome', async () => {
    const [letter] = await listed('--reason', 'set aside');
    expect((await tool('redrive', letter!.place)).out).toContain('1 re-driven, 0 left alone');
    const outcome = async () => {
      const replies = await servers.read(REPLIES);
      return replies.map(({ value }) => String(value)).find((value) => value.includes(valid));
    };
    await until(async () => (await outcome()) !== undefined, 30_000, 'an outcome');
    expect(JSON.parse((await outcome())!)).toEqual({ commandId: valid, outcome: 'accepted' });
    const again = (await servers.read(TOPICS.commands)).find((message) => message.header('ce_id') === valid)!;
    expect([String(again.key), String(again.value)]).toEqual(['bert', textOf('bert')]);
    expect(Object.entries(again.headers).map(([name, value]) => [name, String(value)])).toEqual(
      Object.entries(headersOf(valid)),
    );
    const [after] = await listed('--reason', 'set aside');
    expect(Date.parse(after!.redrivenAt!)).toBeGreaterThan(Date.parse(letter!.at!));
  });

  it('redrives nothing twice unless told to, and a message that is still invalid becomes a dead letter again', async () => {
    const [done] = await listed('--reason', 'set aside');
    expect((await tool('redrive', done!.place)).out).toContain('0 re-driven, 1 left alone');
    expect((await tool('redrive', done!.place, '--again')).out).toContain('1 re-driven, 0 left alone');
    const { out } = await tool('redrive', '--all');
    expect(out).toContain('3 re-driven, 1 left alone');
    await until(async () => (await listed()).length === 7, 30_000, 'they are back');
    const open = (await listed()).filter(({ redrivenAt }) => redrivenAt === undefined);
    expect(open).toHaveLength(3);
  });

  it('republishes only to the topic of commands, whatever the dead letter names', async () => {
    await setAside('carl', '{}', randomUUID(), '5', 'members.profiles');
    await servers.publish([{ key: 'x', value: 'no dead letter at all' }], TOPICS.deadLetters);
    const { out } = await tool('redrive', '--all', '--dry-run');
    expect(out).toContain('came from members.profiles, which is not a topic of commands, and is left alone');
    expect(out).toContain('does not say where it came from, and is left alone');
    const letters = await servers.read(TOPICS.deadLetters);
    expect(
      letters.filter((letter) => readDeadLetterOrigin(letter)?.topic === 'members.profiles'),
    ).toHaveLength(1);
  });
});
