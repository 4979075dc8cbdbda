import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { jsonEvent } from '@eventstore/db-client';
import { serviceCommandId, TOPICS } from '#libs/contracts';
import { readLogTail, SLICES, sliceOf, streamOf, encodeEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { ensureProjection } from '#libs/projection';
import { RunningApp } from '../command/support/running-app.js';
import { Servers } from '../command/support/servers.js';
import { AppProcess } from '../../support/app-process.js';
import { runTool } from '../../support/run-tool.js';
import { accepted, id, minute, sent } from '../../support/story.js';
import { until } from '../../support/until.js';

jest.setTimeout(180_000);

let servers: Servers;
let command: RunningApp;
let connections: AppProcess;

const invitation = (inviterId: string) => `${inviterId}.${id(1)}`;
const inviting = (inviterId: string, recipientId: string) =>
  sent(1, { inviterId, recipientId, invitationId: invitation(inviterId) });
/** With the same command id, and therefore the same event id, in every account. */
const accepting = (inviterId: string, recipientId: string) => ({
  ...accepted(2),
  inviterId,
  recipientId,
  invitationId: invitation(inviterId),
});

const recording = (accountId: string, memberId: string, n: number): InvitationEvent => ({
  type: 'ConnectionRecorded',
  commandId: id(n),
  accountId,
  memberId,
  through: invitation(memberId),
  at: minute(n),
});

const append = (accountId: string, ...events: InvitationEvent[]) =>
  servers.client.appendToStream(
    streamOf(accountId),
    events.map((event) => encodeEvent(event, 0)),
  );

/** An accepted invitation whose command for the other side was lost. */
const lose = (inviterId: string, recipientId: string) =>
  append(inviterId, inviting(inviterId, recipientId), accepting(inviterId, recipientId));

const verify = (...args: string[]) =>
  runTool('replay/src/main.js', ['verify', ...args], { env: servers.env });
const repair = (...args: string[]) =>
  runTool('projector/src/projections.main.js', ['repair-connections', ...args], { env: servers.env });

async function typesIn(accountId: string): Promise<string[]> {
  const types: string[] = [];
  try {
    for await (const { event } of servers.client.readStream(streamOf(accountId))) types.push(event!.type);
  } catch {
    // There is no stream.
  }
  return types;
}

/** As if the process manager had handled all events in the log. */
async function moveProcessToEnd(): Promise<void> {
  await ensureProjection(servers.pool, 'record-connections');
  const all = Array.from({ length: SLICES }, (_, slice) => slice);
  const { head } = await readLogTail(servers.client, all, undefined, AbortSignal.timeout(10_000));
  await servers.pool.query(
    `UPDATE read_models.slices SET commit_position = $1, prepare_position = $1
     WHERE projection = 'record-connections'`,
    [String(head!.commit)],
  );
}

const rows = async () =>
  (await servers.pool.query<{ pair: string }>('SELECT pair FROM read_models.connections')).rows.map(
    ({ pair }) => pair,
  );

const untilListed = (pair: string) =>
  until(
    async () => (await rows()).includes(pair),
    30_000,
    () => `${pair}; ${connections.output.slice(-2_000)}`,
  );

const LOST = ['inviter-0', 'inviter-1', 'inviter-2'];
const commands = async () =>
  (await servers.read(TOPICS.commands)).filter(
    (message) => message.header('ce_type') === 'invitations.record-connection.v1',
  );

beforeAll(async () => {
  servers = await Servers.start();
  command = await RunningApp.start(servers.env);
  connections = new AppProcess('projector', { ...servers.env, WORKERS: 'connections' });
  await command.untilReady();
});
afterAll(async () => {
  await connections?.stop();
  await command?.kill();
  await servers?.stop();
});

describe('a connection that is recorded on one side only (D8)', () => {
  it('is not reported before the process manager has ever run', async () => {
    await lose('early', 'early-recipient');
    await untilListed('early early-recipient');
    expect(await verify('connections')).toMatchObject({ code: 0, err: '' });
    await append('early-recipient', recording('early-recipient', 'early', 3));
    await untilListed('early-recipient early');
  });

  it('is found by verify, which says how to repair it and exits with 1', async () => {
    // Three acceptances with one command id: their derived command ids were the same, and its outcome belongs to another account.
    for (const inviter of LOST) await lose(inviter, 'recipient');
    await servers.pool.query(
      `INSERT INTO read_models.command_outcomes (command_id, actor_id, refusal, decided_at) VALUES ($1, '$invitations', NULL, now())`,
      [serviceCommandId(`connection of ${encodeEvent(accepting(LOST[0]!, 'recipient'), 0).id}`)],
    );
    // One whose account is parked in the process manager.
    await lose('parked', 'parked-recipient');
    // One that can never be recorded (deleted stream), and one whose account cannot be read.
    await lose('inviter-of-gone', 'gone');
    await append('gone', inviting('gone', 'nobody'));
    await servers.client.tombstoneStream(streamOf('gone'));
    await lose('inviter-of-foreign', 'foreign');
    await servers.client.appendToStream(
      streamOf('foreign'),
      jsonEvent({ type: 'InvitationPraised', data: { at: minute(1) }, metadata: { commandId: id(9) } }),
    );
    await moveProcessToEnd();
    await servers.pool.query(
      `INSERT INTO read_models.parked_accounts (projection, generation, account_id, slice, error)
       VALUES ('record-connections', 1, 'parked', $1, 'a test')`,
      [Number.parseInt(sliceOf('parked'), 16)],
    );
    await servers.pool.query(
      `INSERT INTO read_models.parked_events
         (projection, generation, account_id, commit_position, prepare_position, event)
       VALUES ('record-connections', 1, 'parked', 0, 0, '{}')`,
    );
    // One that the process manager has not handled yet.
    await lose('later', 'later-recipient');
    for (const inviter of LOST) await untilListed(`${inviter} recipient`);
    await untilListed('later later-recipient');
    const { code, out, err } = await verify('connections', '--json');
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/^replay: 3 connections are recorded on one side only: verify --repair /),
    });
    expect(JSON.parse(out)).toMatchObject([
      {
        projection: 'connections',
        missing: 0,
        unclear: 1,
        oneSided: LOST.map((inviterId) => ({
          inviterId,
          recipientId: 'recipient',
          invitationId: invitation(inviterId),
        })),
      },
    ]);
    expect(await typesIn('recipient')).toEqual([]);
    expect(await commands()).toEqual([]);
  });

  it('is not reported while its command is on the way', async () => {
    const verified = verify('connections', '--json');
    await new Promise((passed) => setTimeout(passed, 1_500));
    await append('recipient', recording('recipient', LOST[0]!, 4));
    const { out } = await verified;
    const [{ oneSided }] = JSON.parse(out) as [{ oneSided: { inviterId: string }[] }];
    expect(oneSided.map(({ inviterId }) => inviterId)).toEqual(LOST.slice(1));
    await untilListed(`recipient ${LOST[0]}`);
  });

  it('is not repaired in a dry run', async () => {
    const { code, out } = await repair('--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('2 would be repaired');
    expect(out).toContain('1 skipped: one of their accounts has an event that this version cannot read');
    expect(await commands()).toEqual([]);
  });

  it('is not searched for without KAFKA_BROKERS if it is to be repaired', async () => {
    const { KAFKA_BROKERS: _brokers, ...env } = servers.env;
    const { err } = await runTool('replay/src/main.js', ['verify', '--repair'], { env });
    expect(err).toContain('KAFKA_BROKERS');
  });

  it('is repaired once by verify --repair', async () => {
    const { code, out } = await verify('--repair');
    expect(out).toContain('2 connections are recorded on one side only');
    expect(out).toContain('2 of 2 repaired');
    expect(code).toBe(0);
    const recorded = ['ConnectionRecorded', 'ConnectionRecorded', 'ConnectionRecorded'];
    expect(await typesIn('recipient')).toEqual(recorded);
    for (const inviter of LOST) await untilListed(`recipient ${inviter}`);
    const sentNow = await commands();
    expect(sentNow).toHaveLength(2);
    // No member may use such an id.
    for (const one of sentNow) expect(one.header('ce_id')).toMatch(/^.{14}8/);
    expect(new Set(sentNow.map((one) => one.header('ce_id'))).size).toBe(2);
  });

  it('is not repaired again by a second repair', async () => {
    expect((await verify('--repair')).code).toBe(0);
    expect((await repair()).out).toContain('no connection is recorded on one side only');
    expect(await commands()).toHaveLength(2);
  });

  it('gets one event only if two repairs run at the same time', async () => {
    await lose('twice', 'twice-recipient');
    await untilListed('twice twice-recipient');
    await moveProcessToEnd();
    await command.kill();
    const both = await Promise.all([repair('--wait', '1'), repair('--wait', '1')]);
    for (const { code, err } of both) {
      expect(code).toBe(1);
      expect(err).toContain('check that the command app runs');
    }
    command = await RunningApp.start(servers.env);
    await untilListed('twice-recipient twice');
    await until(async () => (await servers.lag()) === 0, 30_000, 'all commands are handled');
    expect(await typesIn('twice-recipient')).toEqual(['ConnectionRecorded']);
  });
});
