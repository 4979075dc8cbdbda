import { once } from 'node:events';
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { endOfLog } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { recordedHistories } from './recorded.js';
import { ReplayWorld } from './support/replay-world.js';
import { id, minute, sent } from '../support/story.js';
import { until } from '../support/until.js';

jest.setTimeout(300_000);

const KEY = { REPLAY_PSEUDONYM_KEY: 'a secret that nobody could guess: 4711' };
type Line = Record<string, string | number | undefined>;

let world: ReplayWorld;
let lines: Line[];
const parsed = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  world = await ReplayWorld.open();
  for (const name of recordedHistories) await world.appendRecorded('amal', name);
  // Text that each format has to quote.
  await world.append('nadia', [
    sent(90, {
      inviterId: 'nadia',
      invitationId: `nadia.${id(90)}`,
      message: 'He said "hi",\nthen é\u2028 left',
    }),
  ]);
  await world.append('bilal', [
    {
      type: 'ConnectionRecorded',
      commandId: id(91),
      accountId: 'bilal',
      memberId: 'amal',
      through: `amal.${id(1)}`,
      at: minute(91),
    },
  ]);
  lines = parsed((await world.replay(['events'])).out);
});
afterAll(() => world.close());

describe('replay events', () => {
  it('gives every event in the order of the log, in the form of today', () => {
    const positions = lines.map(({ position }) => Number(position));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    const accepted = lines.find(({ command_id: command }) => String(command).endsWith('000000000003'));
    expect(accepted).toMatchObject({
      type: 'InvitationAccepted',
      version: 2,
      account_id: 'amal',
      via: 'site',
    });
  });

  it('gives them as stored', async () => {
    const raw = parsed((await world.replay(['events', '--raw', '--type', 'InvitationAccepted'])).out);
    const first = raw[0] as unknown as { data: object; metadata: { schemaVersion: number } };
    expect(first.metadata.schemaVersion).toBe(1);
    expect(first.data).not.toHaveProperty('via');
  });

  it('selects by type, account, member, invitation, time and position', async () => {
    const middle = lines[Math.floor(lines.length / 2)]!;
    const ask = async (...args: string[]) => parsed((await world.replay(['events', ...args])).out);
    const expected = (keep: (line: Line) => boolean) => lines.filter(keep);
    const isSent = ({ type }: Line) => type === 'InvitationSent';
    expect(await ask('--type', 'InvitationSent,InvitationIgnored')).toEqual(
      expected((line) => isSent(line) || line['type'] === 'InvitationIgnored'),
    );
    expect(await ask('--account', 'bilal')).toEqual(expected((line) => line['account_id'] === 'bilal'));
    expect(await ask('--account', 'nobody')).toEqual([]);
    const roles = ['inviter_id', 'recipient_id', 'member_id', 'account_id'];
    const bilals = await ask('--member', 'bilal');
    expect(bilals).toEqual(expected((line) => roles.some((role) => line[role] === 'bilal')));
    expect(bilals.length).toBeGreaterThan(1);
    const names = ['invitation_id', 'supersedes', 'closes', 'through'];
    const invitation = lines.find(({ supersedes }) => supersedes !== undefined)!['supersedes']!;
    const ofIt = await ask('--invitation', String(invitation));
    expect(ofIt).toEqual(expected((line) => names.some((name) => line[name] === invitation)));
    expect(ofIt.length).toBeGreaterThan(1);
    const since = String(middle['happened_at']);
    expect(await ask('--since', since, '--type', 'InvitationSent')).toEqual(
      expected((line) => isSent(line) && String(line['happened_at']) >= since),
    );
    const place = Number(middle['position']);
    expect(await ask('--after', String(place))).toEqual(expected((line) => Number(line['position']) > place));
    expect(await ask('--to', String(place))).toEqual(expected((line) => Number(line['position']) <= place));
  });

  it('writes CSV and Parquet that hold the same', async () => {
    const done = await world.replay(['events', '--out', 'events.parquet', '--json']);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(done.out)).toMatchObject({ events: lines.length, resumed: 0 });
    expect((await world.replay(['events', '--out', 'events.csv'])).code).toBe(0);
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const db = await DuckDBInstance.create(':memory:');
    const connection = await db.connect();
    const rows = async (source: string) => {
      const read = await connection.runAndReadAll(
        `SELECT position::INT AS position, type, message, epoch_ms(happened_at)::VARCHAR AS at_ms, via,
           ordinal::INT AS ordinal
         FROM ${source} ORDER BY position`,
      );
      return read.getRowObjectsJson();
    };
    const parquet = await rows(`'${join(world.folder, 'events.parquet')}'`);
    expect(parquet).toHaveLength(lines.length);
    expect(await rows(`read_csv('${join(world.folder, 'events.csv')}', header = true)`)).toEqual(parquet);
    expect(parquet.map(({ message }) => message)).toEqual(lines.map(({ message }) => message ?? null));
    connection.closeSync();
    db.closeSync();
    expect((await readdir(world.folder)).toSorted()).toEqual(['events.csv', 'events.parquet']);
  });

  it('tells nothing by which a member could be known under --pseudonyms', async () => {
    const refused = await world.replay(['events', '--pseudonyms'], { REPLAY_PSEUDONYM_KEY: 'short' });
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^replay: REPLAY_PSEUDONYM_KEY must be a secret .*\n$/);
    const [told, again, otherwise, raw] = await Promise.all([
      world.replay(['events', '--pseudonyms'], KEY),
      world.replay(['events', '--pseudonyms'], KEY),
      world.replay(['events', '--pseudonyms'], {
        REPLAY_PSEUDONYM_KEY: KEY.REPLAY_PSEUDONYM_KEY.toUpperCase(),
      }),
      world.replay(['events', '--pseudonyms', '--raw'], KEY),
    ]);
    expect(again.out).toBe(told.out);
    expect(otherwise.out).not.toBe(told.out);
    // Also what is a hash of a name without a key: whoever guesses the name could check it.
    const secrets = lines.flatMap((line) => {
      const { account_id, inviter_id, recipient_id, member_id, operator_id } = line;
      const { message, reason, command_id, id: eventId, invitation_id } = line;
      return [
        account_id,
        inviter_id,
        recipient_id,
        member_id,
        operator_id,
        message,
        reason,
        command_id,
        eventId,
        invitation_id,
      ];
    });
    for (const secret of new Set(secrets.filter((value) => value !== undefined))) {
      for (const { out } of [told, raw]) {
        expect(out).not.toContain(`"${JSON.stringify(secret).slice(1, -1)}`);
      }
    }
    const disguised = parsed(told.out);
    expect(disguised).toHaveLength(lines.length);
    // The same member is the same throughout, in invitations' ids as well.
    const names = new Map(lines.map((line, n) => [line['account_id'], disguised[n]!['account_id']]));
    disguised.forEach((line, n) => {
      expect(line['account_id']).toBe(names.get(lines[n]!['account_id']));
      const invitation = String(line['invitation_id'] ?? `${String(line['inviter_id'])}.`);
      expect(invitation.startsWith(`${String(line['inviter_id'])}.`)).toBe(true);
      expect(Object.keys(line)).toEqual(
        Object.keys(lines[n]!).filter((name) => name !== 'message' && name !== 'reason'),
      );
    });
  });

  it('says in one line what is wrong, with 1 for a failure and 2 for wrong usage', async () => {
    const away = await world.replay(['events'], { EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' });
    expect(away).toMatchObject({ code: 1, out: '' });
    expect(away.err).toMatch(/^replay: .+\n$/);
    const unset = await world.replay(['events'], { EVENTSTORE_URL: '' });
    expect(unset).toMatchObject({ code: 1 });
    expect(unset.err).toMatch(/^replay: .*EVENTSTORE_URL.*\n$/);
    for (const args of [
      ['events', '--type', 'InvitationLost'],
      ['events', '--since', 'yesterday'],
      ['events', '--to', 'END'],
      ['events', '--format', 'xml'],
      ['events', '--format', 'parquet'],
      ['nothing-like-it'],
    ]) {
      const { code, out, err } = await world.replay(args);
      expect({ args, code, out, lines: err.trim().split('\n').length }).toEqual({
        args,
        code: 2,
        out: '',
        lines: 1,
      });
    }
  });

  it('explains itself and each of its commands without a server', async () => {
    const { code, out } = await world.replay(['--help'], { EVENTSTORE_URL: '' });
    expect(code).toBe(0);
    const commands = [...out.matchAll(/^ {2}([a-z][a-z-]+)(?= \[| <|\s{2,})/gm)].map(([, name]) => name!);
    expect(commands).toEqual(expect.arrayContaining(['events', 'as-of', 'verify']));
    for (const command of commands.filter((name) => name !== 'help')) {
      const help = await world.replay([command, '--help'], { EVENTSTORE_URL: '' });
      expect(help).toMatchObject({ code: 0, err: '' });
      expect(help.out).toContain(`npm run replay -- ${command}`);
    }
  });
});

describe('an export that is killed', () => {
  const ACCOUNTS = 200;
  const EACH = 200;

  beforeAll(async () => {
    for (let n = 0; n < ACCOUNTS; n += 1) await world.append(`many-${n}`, history(`many-${n}`, EACH));
  });

  it.each(['jsonl', 'csv', 'parquet'])(
    'goes on where it was, and comes to the same bytes: %s',
    async (format) => {
      const folder = join(world.folder, format);
      await mkdir(folder);
      const args = (name: string) => ['events', '--out', join(folder, `${name}.${format}`), '--json'];
      const { out: undisturbed } = await world.replay(args('whole'));
      const { to } = JSON.parse(undisturbed) as { to: string };

      const file = join(folder, `killed.${format}`);
      for (;;) {
        const child = world.start([...args('killed'), '--to', to, '--fresh']);
        const ended = once(child, 'exit');
        const isKept = () => existsSync(`${file}.progress`) || child.exitCode !== null;
        await until(isKept, 120_000, 'something is kept', 2);
        child.kill('SIGKILL');
        await ended;
        if (!existsSync(file)) break;
      }
      // What the process had written, but not kept, before it was killed.
      await appendFile(`${file}.part`, '{"torn');
      // The log goes on meanwhile.
      await world.append(`late-${format}`, history(`late-${format}`, 3));

      const other = await world.replay([...args('killed'), '--to', to, '--type', 'InvitationSent']);
      expect(other.code).toBe(1);
      expect(other.err).toMatch(/^replay: another export .* --fresh .*\n$/);

      const done = await world.replay([...args('killed'), '--to', to]);
      expect(done).toMatchObject({ code: 0, err: '' });
      const { resumed, events } = JSON.parse(done.out) as { resumed: number; events: number };
      expect(resumed).toBeGreaterThan(0);
      expect(resumed).toBeLessThan(events);
      const [whole, killed] = await Promise.all(
        ['whole', 'killed'].map((name) => readFile(join(folder, `${name}.${format}`))),
      );
      expect(killed!.equals(whole!)).toBe(true);
      expect((await readdir(folder)).toSorted()).toEqual([`killed.${format}`, `whole.${format}`]);
      expect((await world.replay(args('whole'))).err).toMatch(/exists: --fresh writes it anew\n$/);
    },
  );

  it('writes nothing anywhere else: neither to the event store nor where it runs', async () => {
    const signal = AbortSignal.timeout(60_000);
    const before = await endOfLog(world.client, [], undefined, signal);
    const files = await readdir(world.folder, { recursive: true });
    for (const args of [
      ['events'],
      ['events', '--raw'],
      ['as-of', '2030-01-01', 'inbox', '--member', 'bilal'],
    ]) {
      expect((await world.replay(args)).code).toBe(0);
    }
    expect(await endOfLog(world.client, [], undefined, signal)).toEqual(before);
    expect(await readdir(world.folder, { recursive: true })).toEqual(files);
  });
});

function history(inviterId: string, events: number): InvitationEvent[] {
  return Array.from({ length: events }, (_, n) => ({
    ...sent(n, { inviterId, recipientId: `${inviterId}-${n}`, message: 'Shall we connect?' }),
    invitationId: `${inviterId}.${id(n)}`,
  }));
}
