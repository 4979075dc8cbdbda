import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import { deadLetter, originOf, type Incoming } from '#libs/kafka';
import { until } from '../support/until.js';
import { RunningApp } from './support/running-app.js';
import { REPLIES, Servers } from './support/servers.js';

const MAIN = resolve(import.meta.dirname, '../../dist/apps/command/src/dead-letters.main.js');

let servers: Servers;
let app: RunningApp;

/** Runs the tool as an operator does. */
async function tool(...args: string[]) {
  return new Promise<{ code: number; out: string; err: string }>((done) => {
    const env = { PATH: process.env['PATH'], ...servers.env };
    const command = ['--disable-warning=TimeoutNegativeWarning', MAIN, ...args];
    execFile(process.execPath, command, { env }, (error, out, err) => {
      done({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

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

/** As if an older version of the app could not take this: it goes to the dead letters as it is. */
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
  const message: Incoming = {
    topic,
    partition: 0,
    offset,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers,
    header: (name) => headers[name as keyof typeof headers]?.toString(),
    timestamp: 0,
  };
  const letter = deadLetter(message, TOPICS.deadLetters, 'set aside by a test', new Date());
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

  it('lists nothing where there is nothing', async () => {
    expect(await tool('list')).toEqual({ code: 0, out: 'no dead letters\n', err: '' });
    expect(await listed()).toEqual([]);
    expect((await tool('redrive', '--all')).out).toBe('0 re-driven, 0 left alone\n');
  });

  it('lists what the app has set aside, once each, and no values', async () => {
    await servers.publish([
      { key: 'anna', value: 'a private word \u001b[2J', headers: headersOf(randomUUID()) },
      { key: 'anna', value: hex, headers: { ...headersOf(randomUUID()), 'x-odd': hex } },
      { key: null, value: '{}', headers: headersOf(randomUUID(), 'invitations.praise.v1') },
    ]);
    await until(async () => (await servers.lag()) === 0, 30_000, 'all is taken');
    await setAside('bert', textOf('bert'), valid, '1000000');
    // A paused process that woke up late.
    await setAside('bert', textOf('bert'), valid, '1000000');
    const items = await listed();
    expect(items.map(({ reason, type }) => `${type}: ${reason}`).toSorted()).toEqual([
      'invitations.praise.v1: header ce_type names no command',
      'invitations.send.v1: set aside by a test',
      'invitations.send.v1: the message is no JSON',
      'invitations.send.v1: the message is no UTF-8',
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

  it('lists by reason, type and time', async () => {
    expect(await listed('--reason', 'NO JSON')).toHaveLength(1);
    expect(await listed('--type', 'praise')).toHaveLength(1);
    expect(await listed('--type', 'praise', '--reason', 'json')).toHaveLength(0);
    expect(await listed('--since', 'PT1H')).toHaveLength(4);
    expect(await listed('--since', '2099-01-01T00:00:00Z')).toHaveLength(0);
  });

  it('shows one with its headers and its value, as text or as hexadecimal digits', async () => {
    const [json] = await listed('--reason', 'no JSON');
    const text = (await tool('show', json!.place)).out;
    // What would clear the screen is shown, not done.
    expect(text).toContain('value: \na private word \\u001b[2J\n');
    expect(text).toContain(`ce_id: ${json!.id}\n`);
    expect(text).toContain('key: anna\n');
    const [utf8] = await listed('--reason', 'no UTF-8');
    const bytes = (await tool('show', utf8!.place)).out;
    expect(bytes).toContain('(no UTF-8, hex) ff009b');
    expect(bytes).toContain('x-odd: (no UTF-8, hex) ff009b\n');
  });

  it('says in one line what is wrong, and by the exit code whose fault it is', async () => {
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

  it('says what it would do, and does not', async () => {
    const [letter] = await listed('--reason', 'set aside');
    const { out } = await tool('redrive', letter!.place, '--dry-run');
    expect(out).toContain(`${letter!.place} would be published again as invitations.commands/0@1000000 was`);
    expect(await listed('--reason', 'set aside')).toEqual([letter]);
    expect(await servers.lag()).toBe(0);
  });

  it('publishes the message again byte for byte, and the command gets its outcome', async () => {
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

  it('re-drives nothing twice unless told to, and what is wrong still is set aside again', async () => {
    const [done] = await listed('--reason', 'set aside');
    expect((await tool('redrive', done!.place)).out).toContain('0 re-driven, 1 left alone');
    expect((await tool('redrive', done!.place, '--again')).out).toContain('1 re-driven, 0 left alone');
    const { out } = await tool('redrive', '--all');
    expect(out).toContain('3 re-driven, 1 left alone');
    await until(async () => (await listed()).length === 7, 30_000, 'they are back');
    const open = (await listed()).filter(({ redrivenAt }) => redrivenAt === undefined);
    expect(open).toHaveLength(3);
  });

  it('publishes to no topic but that of the commands, whatever a letter says', async () => {
    await setAside('carl', '{}', randomUUID(), '5', 'members.profiles');
    await servers.publish([{ key: 'x', value: 'no dead letter at all' }], TOPICS.deadLetters);
    const { out } = await tool('redrive', '--all', '--dry-run');
    expect(out).toContain('came from members.profiles, which is no topic of commands, and is left alone');
    expect(out).toContain('does not say where it came from, and is left alone');
    const letters = await servers.read(TOPICS.deadLetters);
    expect(letters.filter((letter) => originOf(letter)?.topic === 'members.profiles')).toHaveLength(1);
  });
});
