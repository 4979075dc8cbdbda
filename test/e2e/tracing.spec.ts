import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { Message } from 'kafkajs';
import { Collector, type CollectedSpan } from '../support/collector.js';
import { MemberAtApi } from '../support/member.js';
import { killTree } from '../support/process-tree.js';
import { PublishingService } from '../support/publisher.js';
import { newFolder, removeFolder, startStandalone, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

const PUBLIC_TOPICS = ['invitations.sent', 'invitations.accepted', 'invitations.replied'];
const TEXT = 'a text that no trace may hold';

/** The running service with other services around it, which may keep traces of their own. */
class World {
  readonly messages: { topic: string; message: Message }[] = [];

  private constructor(
    private readonly dir: string,
    readonly standalone: Standalone,
    readonly service: PublishingService,
  ) {}

  static async start(env: Record<string, string>): Promise<World> {
    const dir = newFolder();
    const standalone = await startStandalone(dir, env);
    const service = await new PublishingService(standalone.endpoints.kafka).start();
    const world = new World(dir, standalone, service);
    await service.listen(PUBLIC_TOPICS, (message, topic) => world.messages.push({ topic, message }));
    await service.members('anna', 'bert', 'probe');
    await until(
      async () =>
        (await service.ask('send', { inviterId: 'anna', recipientId: 'probe' })).outcome === 'accepted',
      30_000,
      'the members directory',
    );
    return world;
  }

  /** Publishes a command with a step of its publisher's, if it has one. */
  async command(
    type: string,
    data: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const commandId = randomUUID();
    const message = this.service.command(type, data, commandId);
    await this.service.publish('invitations.commands', [
      { ...message, headers: { ...message.headers, ...headers } },
    ]);
    const { outcome, code } = await this.service.outcomeOf(commandId);
    if (outcome !== 'accepted') throw new Error(`${type} was refused: ${code}`);
    return commandId;
  }

  async published(topic: string, invitationId: string): Promise<Message> {
    const find = () =>
      this.messages.find(
        (one) => one.topic === topic && String(one.message.headers?.['ce_subject']) === invitationId,
      )?.message;
    await until(() => find() !== undefined, 30_000, `${invitationId} on ${topic}`);
    return find()!;
  }

  /** What the account's stream says beside the events. */
  async metadata(inviterId: string): Promise<Record<string, unknown>[]> {
    const client = EventStoreDBClient.connectionString(this.standalone.endpoints.eventStore);
    const found: Record<string, unknown>[] = [];
    try {
      for await (const { event } of client.readAll()) {
        if (event?.streamId.endsWith(`-${inviterId}`) === true)
          found.push(event.metadata as Record<string, unknown>);
      }
    } finally {
      await client.dispose();
    }
    return found;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    killTree(this.standalone.pid);
    removeFolder(this.dir);
  }
}

const theirs = () => {
  const [traceId, spanId] = [randomUUID().replaceAll('-', ''), randomUUID().replaceAll('-', '').slice(16)];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
};

describe('traces, where a collector is named', () => {
  const collector = new Collector();
  let world: World;

  beforeAll(async () => {
    const url = await collector.start();
    world = await World.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, INVITATION_MAIL_INTERVAL: 'PT0S' });
  });
  afterAll(async () => {
    await world?.stop();
    await collector.stop();
  });

  const spansOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
  /** As `app: name`, from the first step to the last. */
  function chainOf(traceId: string, lastName: string): string[] {
    const spans = spansOf(traceId);
    const chain: CollectedSpan[] = [];
    let at = spans.find(({ name }) => name === lastName);
    while (at !== undefined) {
      chain.unshift(at);
      const { parentSpanId } = at;
      at = spans.find(({ spanId }) => spanId === parentSpanId);
    }
    return chain.map(({ app, name }) => `${app}: ${name}`);
  }

  it('follow one invitation from Kafka through the event store to SMTP', async () => {
    const { traceId, spanId, traceparent } = theirs();
    const data = { inviterId: 'anna', recipientId: 'bert', message: TEXT };
    await world.command('send', data, { traceparent, tracestate: 'theirs=anna@network.example' });
    await until(
      () => spansOf(traceId).some(({ name }) => name === 'send e-mail'),
      30_000,
      () => JSON.stringify(spansOf(traceId)),
    );
    // What ended before may come later, by another process.
    const steps = [
      'command: process invitations.commands',
      'command: append to account stream',
      'projector: send invitations.sent',
      'notification: process invitations.sent',
      'notification: send e-mail',
    ];
    await until(
      () => chainOf(traceId, 'send e-mail').length === steps.length,
      30_000,
      () => chainOf(traceId, 'send e-mail').join(),
    );
    expect(chainOf(traceId, 'send e-mail')).toEqual(steps);
    expect(spansOf(traceId)).toHaveLength(steps.length);
    const [first] = spansOf(traceId).filter(({ name }) => name === 'process invitations.commands');
    expect(first).toMatchObject({ parentSpanId: spanId, attributes: { 'invitations.outcome': 'accepted' } });
    const correlated = spansOf(traceId).filter(
      ({ attributes }) => attributes['invitations.correlation_id'] !== undefined,
    );
    expect(new Set(correlated.map(({ attributes }) => attributes['invitations.correlation_id'])).size).toBe(
      1,
    );
  });

  it('take the step of a publisher that speaks by CloudEvents alone', async () => {
    const { traceId, traceparent } = theirs();
    const commandId = await world.command(
      'send',
      { inviterId: 'anna', recipientId: 'bert' },
      {
        ce_traceparent: traceparent,
      },
    );
    const { headers } = await world.published('invitations.sent', `anna.${commandId}`);
    expect(String(headers?.['traceparent'])).toContain(traceId);
  });

  it('begin here for a publisher that keeps none, for what is none, and for a member at the API', async () => {
    const commandId = await world.command(
      'send',
      { inviterId: 'anna', recipientId: 'bert' },
      {
        traceparent: 'no such thing',
      },
    );
    const message = await world.published('invitations.sent', `anna.${commandId}`);
    expect(String(message.headers?.['traceparent'])).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);

    const { traceId, traceparent } = theirs();
    const anna = await MemberAtApi.of(world.standalone, 'anna');
    const answer = await anna.request('POST', '/v1/invitations', { recipientId: 'bert' }, { traceparent });
    const { invitationId } = (await answer.json()) as { invitationId: string };
    expect([...answer.headers.keys()].filter((name) => name.startsWith('trace'))).toEqual([]);
    const { headers } = await world.published('invitations.sent', invitationId);
    const own = String(headers?.['traceparent']).split('-')[1]!;
    await until(
      () => chainOf(own, 'send e-mail')[0] === 'api: send invitations.commands',
      30_000,
      () => chainOf(own, 'send e-mail').join(),
    );
    expect(spansOf(traceId)).toEqual([]);
  });

  it('D1, R20, R30, R33: no message tells of an ignore, a decline or a withdrawal by its trace', async () => {
    const [inviterId, recipientId] = ['anna', 'probe'];
    const invitationId = `${inviterId}.${await world.command('send', { inviterId, recipientId })}`;
    const silent = new Map<string, string>();
    for (const type of ['ignore', 'decline', 'withdraw']) {
      const { traceId, traceparent } = theirs();
      const actorId = type === 'withdraw' ? inviterId : recipientId;
      await world.command(type, { invitationId, actorId }, { traceparent });
      silent.set(traceId, type);
    }
    // What is published after them shows that nothing of them was.
    await world.published(
      'invitations.sent',
      `anna.${await world.command('send', { inviterId, recipientId: 'bert' })}`,
    );
    for (const { message } of world.messages) {
      const traceId = String(message.headers?.['traceparent']).split('-')[1]!;
      expect(silent.get(traceId)).toBeUndefined();
    }
    // Operators see them, and no name of what was done.
    await until(
      () => [...silent.keys()].every((traceId) => spansOf(traceId).length === 2),
      30_000,
      () => JSON.stringify([...silent.keys()].map((traceId) => spansOf(traceId).map(({ name }) => name))),
    );
    const shapes = [...silent.keys()].map((traceId) =>
      spansOf(traceId)
        .map(({ name }) => name)
        .toSorted(),
    );
    expect(new Set(shapes.map(String)).size).toBe(1);
    expect(collector.bodies.join()).not.toMatch(/ignore|decline|withdraw/i);
  });

  it('D1: outcomes carry no trace context, nor do e-mails', async () => {
    for (const { topic, message } of world.messages) {
      expect(PUBLIC_TOPICS).toContain(topic);
      expect(Object.keys(message.headers ?? {})).not.toContain('tracestate');
    }
    expect(world.service.answers.length).toBeGreaterThan(5);
    expect(
      world.service.answerHeaders.flatMap((names) => names.filter((name) => name.includes('trace'))),
    ).toEqual([]);
    const bert = await MemberAtApi.of(world.standalone, 'bert');
    expect(JSON.stringify(await bert.untilMails(1))).not.toMatch(/traceparent/i);
  });

  it('hold no address and no text', () => {
    const all = collector.bodies.join();
    expect(all).toContain('anna.');
    expect(all).not.toContain('@');
    expect(all).not.toContain(TEXT);
  });
});

describe('traces, where no collector is named', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({});
  });
  afterAll(() => world?.stop());

  it('are neither kept nor passed on', async () => {
    const { traceparent } = theirs();
    const commandId = await world.command(
      'send',
      { inviterId: 'anna', recipientId: 'bert' },
      { traceparent },
    );
    const { headers } = await world.published('invitations.sent', `anna.${commandId}`);
    expect(Object.keys(headers ?? {}).filter((name) => name.includes('trace'))).toEqual([]);
    const metadata = await world.metadata('anna');
    expect(metadata.length).toBeGreaterThanOrEqual(2);
    for (const one of metadata) {
      expect(Object.keys(one).toSorted()).toEqual(
        ['$causationId', '$correlationId', 'commandId', 'schemaVersion'].toSorted(),
      );
    }
  });
});
