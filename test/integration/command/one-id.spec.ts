import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { cloudEventHeaders, PARTITIONS } from '#libs/contracts';
import { collect } from '../../e2e/chaos/evidence.js';
import { until } from '../../support/until.js';
import { RunningApp } from './support/running-app.js';
import { RECIPIENTS, REPLIES, Servers } from './support/servers.js';

const TAKEN = 'INVALID_COMMAND: ce_id was used before';

function command(type: string, key: string, data: object, id: string, partition?: number): Message {
  const attributes = { id, type: `invitations.${type}.v1`, source: '/test', time: new Date().toISOString() };
  const headers = { ...cloudEventHeaders(attributes), 'reply-to': REPLIES };
  return { key, value: JSON.stringify(data), headers, ...(partition === undefined ? {} : { partition }) };
}

describe('two command apps that receive one command id for several accounts at once (D10)', () => {
  let servers: Servers;
  let apps: RunningApp[];

  beforeAll(async () => {
    servers = await Servers.start();
    apps = [];
    for (let n = 0; n < 2; n += 1) {
      apps.push(await RunningApp.start(servers.env));
      await apps[n]!.untilReady();
    }
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.kill()));
    await servers.stop();
  });

  /** Returns all replies to the command. */
  async function answersTo(id: string): Promise<string[]> {
    const replies = (await servers.read(REPLIES)).filter(({ key }) => String(key) === id);
    return replies.map(({ value }) => {
      const { outcome, code, reason } = JSON.parse(String(value)) as Record<string, string>;
      return reason === undefined ? (code ?? outcome!) : `${code}: ${reason.split(',')[0]}`;
    });
  }

  async function untilAnswered(id: string, count: number): Promise<string[]> {
    const written = () => apps.map(({ output }) => output.slice(-2_000)).join('\n');
    await until(
      async () => (await answersTo(id)).length >= count,
      60_000,
      () => `${count} answers; ${written()}`,
    );
    return answersTo(id);
  }

  /** Returns type and account of every event of the command. */
  async function effectsOf(id: string): Promise<string[]> {
    const { streams, eventIds } = await collect(servers);
    expect(new Set(eventIds).size).toBe(eventIds.length);
    return [...streams].flatMap(([stream, events]) =>
      events.filter((event) => event.includes(` ${id} `)).map((event) => `${event.split(' ')[0]!} ${stream}`),
    );
  }

  it('accept one of six invitations when six accepts share an id, and only its publisher gets accepted', async () => {
    const inviters = Array.from({ length: 6 }, () => `inviter-${randomUUID()}`);
    const recipientId = RECIPIENTS[0]!;
    const sends = inviters.map(() => randomUUID());
    await servers.publish(
      inviters.map((inviterId, n) => command('send', inviterId, { inviterId, recipientId }, sends[n]!)),
    );
    for (const id of sends) expect(await untilAnswered(id, 1)).toEqual(['accepted']);
    const id = randomUUID();
    const accepts = inviters.map((inviterId, n) => {
      const data = { invitationId: `${inviterId}.${sends[n]!}`, actorId: recipientId };
      return command('accept', inviterId, data, id, n);
    });
    await servers.publish(accepts);
    const answers = await untilAnswered(id, 6);
    expect(answers.toSorted()).toEqual([...Array<string>(5).fill(TAKEN), 'accepted']);
    const effects = await effectsOf(id);
    expect(effects).toEqual([expect.stringMatching(/^InvitationAccepted /)]);
    // Again, on other partitions and all in one batch.
    await servers.publish(accepts.map((message) => ({ ...message, partition: PARTITIONS - 1 })));
    expect((await untilAnswered(id, 12)).slice(6).toSorted()).toEqual(answers.toSorted());
    expect(await effectsOf(id)).toEqual(effects);
  });

  it('send one of three invitations when three members share an id', async () => {
    const inviters = Array.from({ length: 3 }, () => `inviter-${randomUUID()}`);
    const id = randomUUID();
    await servers.publish(
      inviters.map((inviterId, n) =>
        command('send', inviterId, { inviterId, recipientId: RECIPIENTS[1]! }, id, n),
      ),
    );
    expect((await untilAnswered(id, 3)).toSorted()).toEqual([TAKEN, TAKEN, 'accepted']);
    expect(await effectsOf(id)).toEqual([expect.stringMatching(/^InvitationSent /)]);
  });

  it('give one command that is published to every partition one effect and one outcome', async () => {
    const inviterId = `inviter-${randomUUID()}`;
    const ids = Array.from({ length: 10 }, () => randomUUID());
    const sends = ids.map((_id, n) => ({ inviterId, recipientId: n < 5 ? RECIPIENTS[n + 2]! : 'nobody' }));
    const everywhere = Array.from({ length: PARTITIONS }, (_, partition) =>
      ids.map((id, n) => command('send', inviterId, sends[n]!, id, partition)),
    );
    await servers.publish(everywhere.flat());
    for (const [n, id] of ids.entries()) {
      const expected = n < 5 ? 'accepted' : 'RECIPIENT_UNAVAILABLE';
      expect([id, ...new Set(await untilAnswered(id, PARTITIONS))]).toEqual([id, expected]);
      expect(await effectsOf(id)).toHaveLength(n < 5 ? 1 : 0);
    }
  });

  it('carry out a command whose process is killed between claim and effect', async () => {
    const ids = Array.from({ length: 400 }, () => randomUUID());
    const written = servers.publish(
      ids.map((id) =>
        command('send', `of-${id}`, { inviterId: `of-${id}`, recipientId: RECIPIENTS[3]! }, id),
      ),
    );
    const claims = async () =>
      (
        await servers.pool.query<{ n: number }>(
          'SELECT count(*)::integer AS n FROM read_models.command_claims WHERE command_id = ANY($1::uuid[])',
          [ids],
        )
      ).rows[0]!.n;
    await until(async () => (await claims()) > 0, 60_000, 'a claim');
    await apps[0]!.kill();
    await written;
    for (const id of ids.slice(-1)) await untilAnswered(id, 1);
    await until(
      async () => (await servers.lag()) === 0,
      120_000,
      () => apps[1]!.output.slice(-3_000),
    );
    const { streams, outcomes, eventIds } = await collect(servers);
    expect(new Set(eventIds).size).toBe(eventIds.length);
    for (const id of ids) {
      const effects = [...streams]
        .filter(([stream]) => stream.endsWith(`-of-${id}`))
        .flatMap(([, all]) => all);
      expect([id, effects.length, outcomes.get(id)]).toEqual([id, 1, 'accepted']);
    }
  });
});
