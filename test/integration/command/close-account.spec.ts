import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findOutcomes } from '#libs/command-outcomes';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import { readAccountStream, streamOf } from '#libs/event-store';
import { saveMembers } from '#libs/profiles';
import { runTool } from '../../support/run-tool.js';
import { until } from '../../support/until.js';
import { RunningApp } from './support/running-app.js';
import { RECIPIENTS, Servers } from './support/servers.js';

const SECRET = randomBytes(32).toString('base64url');
const [LEAVER, REMOVED, STAYER, TOMBSTONED, OWNER] = RECIPIENTS as [string, string, string, string, string];

let servers: Servers;
let app: RunningApp;

beforeAll(async () => {
  servers = await Servers.start();
  app = await RunningApp.start({ ...servers.env, OPERATOR_COMMAND_SECRETS: SECRET });
  await app.untilReady();
});
afterAll(async () => {
  await app?.kill();
  await servers?.stop();
});

/** Runs the tool as an operator does. */
const tool = (args: readonly string[], env: Record<string, string> = { OPERATOR_COMMAND_SECRETS: SECRET }) =>
  runTool('command/src/close-account.main.js', ['--operator', 'olga', ...args], {
    env: { ...servers.env, ...env },
  });

async function eventsOf(accountId: string): Promise<unknown[]> {
  const events = (await readAccountStream(servers.client, accountId)) ?? [];
  return events.map(({ type, data }) => [type, data]);
}

/** As the projection of the accounts shows it, which does not run here. */
const project = (id: string) =>
  servers.pool.query(
    `INSERT INTO read_models.account_state VALUES ($1, 0, '{"sent": 0, "closed": true}') ON CONFLICT DO NOTHING`,
    [id],
  );

/** @returns the outcome of a command */
async function ask(type: string, account: string, data: object, id: string = randomUUID()): Promise<string> {
  const headers = cloudEventHeaders({
    id,
    type: `invitations.${type}.v1`,
    source: '/test',
    time: '2026-01-05T09:00:00Z',
  });
  await servers.publish([{ key: account, value: JSON.stringify(data), headers }]);
  const outcome = async () => (await findOutcomes(servers.pool, [id])).get(id);
  await until(async () => (await outcome()) !== undefined, 60_000, `the outcome of ${type}`);
  return (await outcome())!.refusal ?? 'accepted';
}

describe('npm run tool -- close-account', () => {
  it('changes nothing with --dry-run', async () => {
    const { code, out } = await tool([LEAVER, '--dry-run']);
    expect([code, out]).toEqual([0, `The account of ${LEAVER} would be closed. Nothing was changed.\n`]);
    expect(await servers.read(TOPICS.commands)).toEqual([]);
  });

  it('closes the account, in the name of the operator, and records the run', async () => {
    const { code, out, err } = await tool([LEAVER, '--why', 'ticket 17']);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `The account of ${LEAVER} is closed. Its invitations and connections end within seconds.\n`,
      err: '',
    });
    expect(await eventsOf(LEAVER)).toMatchObject([['AccountClosed', { operatorId: 'olga' }]]);
    const { rows } = await servers.pool.query(
      'SELECT operator, why, action, finished_at IS NOT NULL AS "hasFinished" FROM read_models.operator_actions',
    );
    expect(rows).toEqual([
      { operator: 'olga', why: 'ticket 17', action: `close-account ${LEAVER}`, hasFinished: true },
    ]);
  });

  it('succeeds once more, without a second event, and says so once the projection has the first', async () => {
    expect((await tool([LEAVER])).code).toBe(0);
    await project(LEAVER);
    expect(await tool([LEAVER])).toEqual({
      code: 0,
      out: `The account of ${LEAVER} is already closed.\n`,
      err: '',
    });
    expect(await eventsOf(LEAVER)).toHaveLength(1);
  });

  it('exits with 2 for an unknown member, and for wrong usage', async () => {
    expect(await tool(['nobody'])).toEqual({
      code: 2,
      out: '',
      err: 'close-account: there is no member nobody: the service knows no profile and no account with this id\n',
    });
    for (const args of [
      [],
      ['a member'],
      [STAYER, '--timeout', 'soon'],
      [STAYER, '--operator', 'olga@network.example'],
    ])
      expect([args, (await tool(args)).code]).toEqual([args, 2]);
    expect((await tool(['--help'])).out).toContain('OPERATOR_COMMAND_SECRETS');
  });

  it('does not begin in production without a secret', async () => {
    const { code, err } = await tool([STAYER], { NODE_ENV: 'production' });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^close-account: OPERATOR_COMMAND_SECRETS is not set: .*\n$/),
    ]);
  });

  it.each([
    ['another secret', { OPERATOR_COMMAND_SECRETS: randomBytes(32).toString('base64url') }],
    ['no secret', {}],
  ])(
    'says long before its timeout that the command was rejected, and what to set, with %s',
    async (_, env) => {
      const { code, err } = await tool([STAYER, '--timeout', 'PT5M'], env);
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(
          /^close-account: the account is not closed\. The command app has rejected .* operator-signature must be .* OPERATOR_COMMAND_SECRETS .* run this again.*\n$/,
        ),
      ]);
      expect(await eventsOf(STAYER)).toEqual([]);
    },
  );

  it('says what to check if there is no outcome in time', async () => {
    const { code, err } = await tool([STAYER, '--timeout', 'PT0S']);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^close-account: the command [0-9a-f-]{36} was published and has no outcome yet/),
    ]);
  });

  it('says that a stream is tombstoned', async () => {
    await servers.client.tombstoneStream(streamOf(TOMBSTONED));
    const { code, err } = await tool([TOMBSTONED]);
    expect([code, err]).toEqual([1, expect.stringContaining('refused with NOT_FOUND')]);
  });
});

describe('the command app, for members who have left (D23)', () => {
  const invite = (inviterId: string, recipientId: string, id?: string) =>
    ask('send', inviterId, { inviterId, recipientId }, id);

  it('refuses what they do in the accounts of others, and an invitation to the owner of a closed account', async () => {
    const ids = new Map([REMOVED, OWNER].map((member) => [member, randomUUID()]));
    for (const [member, id] of ids) expect(await invite('amal', member, id)).toBe('accepted');
    await saveMembers(servers.pool, new Map([[REMOVED, null]]));
    for (const member of [LEAVER, OWNER]) await project(member);
    for (const [actorId, id] of ids)
      for (const type of ['accept', 'ignore'])
        expect(await ask(type, 'amal', { invitationId: `amal.${id}`, actorId })).toBe('NOT_FOUND');
    expect(await invite(REMOVED, STAYER)).toBe('ACCOUNT_RESTRICTED');
    expect(await invite(LEAVER, STAYER)).toBe('ACCOUNT_RESTRICTED');
    expect(await invite('amal', LEAVER)).toBe('RECIPIENT_UNAVAILABLE');
    expect(await invite('never-seen', STAYER)).toBe('accepted');
    expect(await eventsOf('amal')).toHaveLength(2);
  });
});
