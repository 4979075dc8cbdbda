import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { jsonEvent, binaryEvent } from '@eventstore/db-client';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import { streamOf } from '#libs/event-store';
import type { ConsumedMessage } from '#libs/kafka';
import { runTool } from '../../support/run-tool.js';
import { until } from '../../support/until.js';
import { RunningApp } from './support/running-app.js';
import { RECIPIENTS, REPLIES, Servers } from './support/servers.js';

const AT = '2026-01-05T09:00:00.000Z';

interface Message {
  readonly id: string;
  readonly message: Parameters<Servers['publish']>[0][number];
}

/** All on one partition, where one blocked message blocks all later ones. */
function command(type: string, account: string, data: object): Message {
  const id = randomUUID();
  const headers = {
    ...cloudEventHeaders({ id, type: `invitations.${type}.v1`, source: '/test', time: AT }),
    'reply-to': REPLIES,
  };
  return { id, message: { key: account, value: JSON.stringify(data), headers, partition: 0 } };
}

const send = (inviterId: string, recipientId = RECIPIENTS[0]!) =>
  command('send', inviterId, { inviterId, recipientId });
const withdraw = (inviterId: string) =>
  command('withdraw', inviterId, { invitationId: `${inviterId}.${randomUUID()}`, actorId: inviterId });

const metadata = { commandId: randomUUID(), schemaVersion: 1 };
const sent = (account: string) => ({
  at: AT,
  invitationId: `${account}.${randomUUID()}`,
  inviterId: account,
  recipientId: RECIPIENTS[1],
});

type Foreign = Parameters<Servers['client']['appendToStream']>[1];

/** Events of a newer version or a foreign program in an account's stream. */
const FOREIGN: Record<string, (account: string) => Foreign> = {
  'a type that is not known': () => jsonEvent({ type: 'InvitationPraised', data: { at: AT }, metadata }),
  'a newer version of a type': (account) =>
    jsonEvent({ type: 'InvitationSent', data: sent(account), metadata: { ...metadata, schemaVersion: 3 } }),
  'no metadata': (account) => jsonEvent({ type: 'InvitationSent', data: sent(account) }),
  'data that are null': () => jsonEvent({ type: 'InvitationAccepted', data: null as never, metadata }),
  'data without a field': () => jsonEvent({ type: 'InvitationSent', data: { at: AT }, metadata }),
  'data that are no JSON': () =>
    binaryEvent({ type: 'InvitationSent', data: Buffer.from([0xff, 0x00]), metadata }),
  'a version that cannot be written as a text': (account) =>
    jsonEvent({
      type: 'InvitationSent',
      data: sent(account),
      metadata: { ...metadata, schemaVersion: { toString: 1 } },
    }),
};

/** An unreadable event affects its account only. */
describe('the command app with an account that has an unreadable event', () => {
  let servers: Servers;
  let app: RunningApp;

  beforeAll(async () => {
    servers = await Servers.start();
    app = await RunningApp.start(servers.env);
    await app.untilReady();
  });
  afterAll(async () => {
    await app.kill();
    await servers.stop();
  });

  const append = (account: string, event: Foreign) => servers.client.appendToStream(streamOf(account), event);

  const idOf = (message: ConsumedMessage) => message.header('ce_id');

  async function outcomes(): Promise<ReadonlyMap<string, { outcome: string; code?: string }>> {
    const replies = await servers.read(REPLIES);
    return new Map(
      replies.map(({ key, value }) => [String(key), JSON.parse(String(value)) as { outcome: string }]),
    );
  }

  /** Publishes all messages at once, and waits for the outcome of the last one. */
  async function publish(...messages: Message[]): Promise<Awaited<ReturnType<typeof outcomes>>> {
    await servers.publish(messages.map(({ message }) => message));
    await until(
      async () => (await outcomes()).has(messages.at(-1)!.id),
      30_000,
      () => `the last command; ${app.output.slice(-2_000)}`,
    );
    return outcomes();
  }

  const lettersOf = async (...messages: Message[]) => {
    const ids = new Set(messages.map(({ id }) => id));
    return (await servers.read(TOPICS.deadLetters)).filter((letter) => ids.has(idOf(letter) ?? ''));
  };

  it.each(Object.entries(FOREIGN))('continues with all other accounts: %s', async (_what, foreign) => {
    const account = `foreign-${randomUUID()}`;
    await append(account, foreign(account));
    const own = [send(account), withdraw(account), send(account)];
    const before = send(`other-${randomUUID()}`);
    const between = send(`other-${randomUUID()}`);
    const behind = send(`other-${randomUUID()}`);
    const told = await publish(before, own[0]!, between, own[1]!, own[2]!, behind);
    for (const { id } of [before, between, behind]) expect(told.get(id)?.outcome).toBe('accepted');
    for (const { id } of own) expect(told.get(id)).toBeUndefined();
    const letters = await lettersOf(...own);
    expect(letters.map(idOf)).toEqual(own.map(({ id }) => id));
    for (const letter of letters) {
      expect(letter.header('dead-letter-reason')).toContain(`0@${streamOf(account)}: `);
      expect(letter.header('reply-to')).toBe(REPLIES);
    }
    const stored = await servers.pool.query(
      'SELECT command_id FROM read_models.command_outcomes WHERE command_id = ANY($1)',
      [own.map(({ id }) => id)],
    );
    expect(stored.rowCount).toBe(0);
  });

  it.each([
    ['an append meets it as a conflict', send],
    ['a refusal is confirmed by it', withdraw],
  ])('detects the event although the account is cached: %s', async (_how, ask) => {
    const account = `kept-${randomUUID()}`;
    const first = send(account);
    expect((await publish(first)).get(first.id)?.outcome).toBe('accepted');
    await append(account, FOREIGN['a type that is not known']!(account));
    const own = ask === send ? send(account, RECIPIENTS[2]) : ask(account);
    const behind = send(`other-${randomUUID()}`);
    const told = await publish(own, behind);
    expect(told.get(own.id)).toBeUndefined();
    expect(told.get(behind.id)?.outcome).toBe('accepted');
    expect(await lettersOf(own)).toHaveLength(1);
    // Earlier outcomes do not change.
    const again = await publish(first, send(`other-${randomUUID()}`));
    expect(again.get(first.id)?.outcome).toBe('accepted');
  });

  it('stays ready, names the account in its readiness, and counts its commands', async () => {
    const account = `named-${randomUUID()}`;
    await app.kill();
    app = await RunningApp.start(servers.env);
    await app.untilReady();
    await append(account, FOREIGN['a type that is not known']!(account));
    await publish(send(account), send(`other-${randomUUID()}`));
    const { ready, parts } = await app.readiness();
    expect(ready).toBe(true);
    expect(parts['unreadable-accounts']).toMatchObject({ ready: true, degraded: true });
    expect(parts['unreadable-accounts']!.detail).toContain(`${account} (0@`);
    const figures = await app.metrics();
    expect(figures).toMatch(/^invitations_unreadable_accounts 1$/m);
    expect(figures).toMatch(/^invitations_unreadable_account_commands_total 1$/m);
  });

  it('decides the redriven commands in order once it can read the event', async () => {
    const account = `redriven-${randomUUID()}`;
    await append(account, FOREIGN['a type that is not known']!(account));
    const own = [send(account), send(account), withdraw(account)];
    await publish(...own, send(`other-${randomUUID()}`));
    expect(await lettersOf(...own)).toHaveLength(3);
    // Reads the stream like a version that knows the type.
    await servers.client.setStreamMetadata(streamOf(account), { truncateBefore: 1 });
    const places = (await lettersOf(...own)).map(({ partition, offset }) => `${partition}@${offset}`);
    const redrive = ['redrive', ...places];
    expect(await runTool('command/src/dead-letters.main.js', redrive, { env: servers.env })).toMatchObject({
      code: 0,
    });
    await until(
      async () => (await outcomes()).has(own.at(-1)!.id),
      30_000,
      () => `the redriven commands; ${app.output.slice(-2_000)}`,
    );
    const told = await outcomes();
    expect(own.map(({ id }) => told.get(id)?.code ?? told.get(id)?.outcome)).toEqual([
      'accepted',
      'accepted',
      'NOT_FOUND',
    ]);
    expect((await app.readiness()).parts['unreadable-accounts']?.detail ?? '').not.toContain(account);
  });
});
