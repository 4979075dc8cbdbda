import { once } from 'node:events';
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readLogTail } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { recordedHistories } from './recorded-histories.js';
import { ReplayHarness } from './support/replay-harness.js';
import { id, minute, sent } from '../../support/story.js';
import { until } from '../../support/until.js';

jest.setTimeout(300_000);

const KEY = { REPLAY_PSEUDONYM_KEY: 'a secret that nobody could guess: 4711' };
type Line = Record<string, string | number | undefined>;

let harness: ReplayHarness;
let lines: Line[];
const parsed = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  harness = await ReplayHarness.open();
  for (const name of recordedHistories) await harness.appendRecorded('amal', name);
  // Text that each format must quote.
  await harness.append('nadia', [
    sent(90, {
      inviterId: 'nadia',
      invitationId: `nadia.${id(90)}`,
      message: 'He said "hi",\nthen é\u2028 left',
    }),
  ]);
  await harness.append('bilal', [
    {
      type: 'ConnectionRecorded',
      commandId: id(91),
      accountId: 'bilal',
      memberId: 'amal',
      through: `amal.${id(1)}`,
      at: minute(91),
    },
  ]);
  lines = parsed((await harness.replay(['events'])).out);
});
afterAll(() => harness.close());

describe('replay events', () => {
  it('prints every event in the order of the log, upcast to the current version', () => {
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

  it('prints them as stored with --raw', async () => {
    const raw = parsed((await harness.replay(['events', '--raw', '--type', 'InvitationAccepted'])).out);
    const first = raw[0] as unknown as { data: object; metadata: { schemaVersion: number } };
    expect(first.metadata.schemaVersion).toBe(1);
    expect(first.data).not.toHaveProperty('via');
  });

  it('selects by type, account, member, invitation, time and position', async () => {
    const middle = lines[Math.floor(lines.length / 2)]!;
    const ask = async (...args: string[]) => parsed((await harness.replay(['events', ...args])).out);
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

  it('writes the same rows as CSV and as Parquet', async () => {
    const done = await harness.replay(['events', '--out', 'events.parquet', '--json']);
    expect(done).toMatchObject({
      code: 0,
      err: 'replay: 2 texts left encrypted: null in the output; TEXT_KEYS and DATABASE_URL decrypt them\n',
    });
    expect(JSON.parse(done.out)).toMatchObject({ events: lines.length, resumed: 0 });
    expect((await harness.replay(['events', '--out', 'events.csv'])).code).toBe(0);
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
    const parquet = await rows(`'${join(harness.folder, 'events.parquet')}'`);
    expect(parquet).toHaveLength(lines.length);
    expect(await rows(`read_csv('${join(harness.folder, 'events.csv')}', header = true)`)).toEqual(parquet);
    expect(parquet.map(({ message }) => message)).toEqual(lines.map(({ message }) => message ?? null));
    connection.closeSync();
    db.closeSync();
    expect((await readdir(harness.folder)).toSorted()).toEqual(['events.csv', 'events.parquet']);
  });

  it('prints nothing that identifies a member with --pseudonyms', async () => {
    const refused = await harness.replay(['events', '--pseudonyms'], { REPLAY_PSEUDONYM_KEY: 'short' });
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^replay: REPLAY_PSEUDONYM_KEY must be a secret .*\n$/);
    const [told, again, otherwise, raw] = await Promise.all([
      harness.replay(['events', '--pseudonyms'], KEY),
      harness.replay(['events', '--pseudonyms'], KEY),
      harness.replay(['events', '--pseudonyms'], {
        REPLAY_PSEUDONYM_KEY: KEY.REPLAY_PSEUDONYM_KEY.toUpperCase(),
      }),
      harness.replay(['events', '--pseudonyms', '--raw'], KEY),
    ]);
    expect(again.out).toBe(told.out);
    expect(otherwise.out).not.toBe(told.out);
    // This includes hashes of names without a key, which could be verified by guessing the name.
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
    // A member has the same pseudonym everywhere, also in ids of invitations.
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

  it('prints one line for an error, and exits with 1 for a failure and 2 for wrong usage', async () => {
    const away = await harness.replay(['events'], { EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' });
    expect(away).toMatchObject({ code: 1, out: '' });
    expect(away.err).toMatch(/^replay: .+\n$/);
    const unset = await harness.replay(['events'], { EVENTSTORE_URL: '' });
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
      const { code, out, err } = await harness.replay(args);
      expect({ args, code, out, lines: err.trim().split('\n').length }).toEqual({
        args,
        code: 2,
        out: '',
        lines: 1,
      });
    }
  });

  it('prints the help of itself and of each command without a server', async () => {
    const { code, out } = await harness.replay(['--help'], { EVENTSTORE_URL: '' });
    expect(code).toBe(0);
    const commands = [...out.matchAll(/^ {2}([a-z][a-z-]+)(?= \[| <|\s{2,})/gm)].map(([, name]) => name!);
    expect(commands).toEqual(expect.arrayContaining(['events', 'as-of', 'verify']));
    for (const command of commands.filter((name) => name !== 'help')) {
      const help = await harness.replay([command, '--help'], { EVENTSTORE_URL: '' });
      expect(help).toMatchObject({ code: 0, err: '' });
      expect(help.out).toContain(`npm run replay -- ${command}`);
    }
  });
});

describe('an export that is killed', () => {
  const ACCOUNTS = 200;
  const EACH = 200;

  beforeAll(async () => {
    for (let n = 0; n < ACCOUNTS; n += 1) await harness.append(`many-${n}`, history(`many-${n}`, EACH));
  });

  it.each(['jsonl', 'csv', 'parquet'])(
    'resumes after a kill, and writes the same bytes: %s',
    async (format) => {
      const folder = join(harness.folder, format);
      await mkdir(folder);
      const args = (name: string) => ['events', '--out', join(folder, `${name}.${format}`), '--json'];
      const { out: undisturbed } = await harness.replay(args('whole'));
      const { to } = JSON.parse(undisturbed) as { to: string };

      const file = join(folder, `killed.${format}`);
      for (;;) {
        const child = harness.start([...args('killed'), '--to', to, '--fresh']);
        const ended = once(child, 'exit');
        const isKept = () => existsSync(`${file}.progress`) || child.exitCode !== null;
        await until(isKept, 120_000, 'something is kept', 2);
        child.kill('SIGKILL');
        await ended;
        if (!existsSync(file)) break;
      }
      // Output that the process had written but not saved before it was killed.
      await appendFile(`${file}.part`, '{"torn');
      // The log grows meanwhile.
      await harness.append(`late-${format}`, history(`late-${format}`, 3));

      const other = await harness.replay([...args('killed'), '--to', to, '--type', 'InvitationSent']);
      expect(other.code).toBe(1);
      expect(other.err).toMatch(/^replay: another export .* --fresh .*\n$/);

      const done = await harness.replay([...args('killed'), '--to', to]);
      expect(done).toMatchObject({ code: 0, err: '' });
      const { resumed, events } = JSON.parse(done.out) as { resumed: number; events: number };
      expect(resumed).toBeGreaterThan(0);
      expect(resumed).toBeLessThan(events);
      const [whole, killed] = await Promise.all(
        ['whole', 'killed'].map((name) => readFile(join(folder, `${name}.${format}`))),
      );
      expect(killed!.equals(whole!)).toBe(true);
      expect((await readdir(folder)).toSorted()).toEqual([`killed.${format}`, `whole.${format}`]);
      expect((await harness.replay(args('whole'))).err).toMatch(/exists: --fresh overwrites it\n$/);
    },
  );

  it('writes nothing to the event store and nothing into the working directory', async () => {
    const signal = AbortSignal.timeout(60_000);
    const before = await readLogTail(harness.client, [], undefined, signal);
    const files = await readdir(harness.folder, { recursive: true });
    for (const args of [
      ['events'],
      ['events', '--raw'],
      ['as-of', '2030-01-01', 'inbox', '--member', 'bilal'],
    ]) {
      expect((await harness.replay(args)).code).toBe(0);
    }
    expect(await readLogTail(harness.client, [], undefined, signal)).toEqual(before);
    expect(await readdir(harness.folder, { recursive: true })).toEqual(files);
  });
});

function history(inviterId: string, events: number): InvitationEvent[] {
  return Array.from({ length: events }, (_, n) => ({
    ...sent(n, { inviterId, recipientId: `${inviterId}-${n}`, message: 'Shall we connect?' }),
    invitationId: `${inviterId}.${id(n)}`,
  }));
}
