import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { Message } from 'kafkajs';
import { closeEventStore, streamOf } from '#libs/event-store';
import { Collector, type CollectedSpan } from '../support/collector.js';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import {
  endStandalone,
  newFolder,
  sharedStandalone,
  startStandalone,
  type SharedStandalone,
} from '../support/standalone.js';
import { until } from '../support/until.js';

const PUBLIC_TOPICS = ['invitations.sent', 'invitations.accepted', 'invitations.replied'];
const TEXT = 'a text that no trace may hold';

/** The running service and other services around it, which may trace themselves. */
class TracingHarness {
  readonly messages: { topic: string; message: Message }[] = [];

  private constructor(
    readonly standalone: SharedStandalone,
    readonly service: PublishingService,
  ) {}

  /** @param standalone is stopped by `stop` */
  static async start(standalone: SharedStandalone): Promise<TracingHarness> {
    const service = await new PublishingService(standalone.endpoints.kafka).start();
    const harness = new TracingHarness(standalone, service);
    await service.listen(PUBLIC_TOPICS, (message, topic) => harness.messages.push({ topic, message }));
    await service.members('anna', 'bert', 'probe');
    await until(
      async () =>
        (await service.ask('send', { inviterId: 'anna', recipientId: 'probe' })).outcome === 'accepted',
      30_000,
      'the members directory',
    );
    return harness;
  }

  /** Publishes a command, with a span of its publisher if there is one. */
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

  /** Returns the metadata of the account's stream. */
  async metadata(inviterId: string): Promise<Record<string, unknown>[]> {
    const client = EventStoreDBClient.connectionString(this.standalone.endpoints.eventStore);
    const found: Record<string, unknown>[] = [];
    try {
      for await (const { event } of client.readStream(streamOf(inviterId)))
        found.push(event!.metadata as Record<string, unknown>);
    } finally {
      await closeEventStore(client);
    }
    return found;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.standalone.stop();
  }
}

const theirs = () => {
  const [traceId, spanId] = [randomUUID().replaceAll('-', ''), randomUUID().replaceAll('-', '').slice(16)];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
};

describe('traces with a collector', () => {
  const collector = new Collector();
  let harness: TracingHarness;

  beforeAll(async () => {
    const url = await collector.start();
    const dir = newFolder();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, INVITATION_MAIL_INTERVAL: 'PT0S' };
    const standalone = await startStandalone(dir, env);
    harness = await TracingHarness.start({ ...standalone, stop: () => endStandalone(dir) });
  });
  afterAll(async () => {
    await harness?.stop();
    await collector.stop();
  });

  const isStatement = ({ attributes }: CollectedSpan) => attributes['db.system.name'] === 'postgresql';
  const allOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
  const spansOf = (traceId: string) => allOf(traceId).filter((span) => !isStatement(span));
  const statementsOf = (traceId: string) => allOf(traceId).filter(isStatement);
  /** The spans as `app: name`, from the first to the last. */
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
    await harness.command('send', data, { traceparent, tracestate: 'theirs=anna@network.example' });
    await until(
      () => spansOf(traceId).some(({ name }) => name === 'send e-mail'),
      30_000,
      () => JSON.stringify(spansOf(traceId)),
    );
    // Another process may export spans later that ended before.
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

  it('show the statements of the command, of the event and of its e-mail, by their names or first words', async () => {
    const { traceId, traceparent } = theirs();
    await harness.command('send', { inviterId: 'anna', recipientId: 'bert' }, { traceparent });
    const apps = () => new Set(statementsOf(traceId).map(({ app }) => app));
    await until(
      () => apps().size === 2,
      30_000,
      () => JSON.stringify(allOf(traceId)),
    );
    expect(apps()).toEqual(new Set(['command', 'notification']));
    for (const { name, attributes } of statementsOf(traceId)) {
      expect(name).toMatch(/^[A-Z]+$|^[a-z]+( [a-z]+)+$/);
      expect(Object.keys(attributes).toSorted()).toEqual(['db.operation.name', 'db.system.name']);
    }
  });

  it('continue the trace context of a publisher that sends CloudEvents only', async () => {
    const { traceId, traceparent } = theirs();
    const commandId = await harness.command(
      'send',
      { inviterId: 'anna', recipientId: 'bert' },
      {
        ce_traceparent: traceparent,
      },
    );
    const { headers } = await harness.published('invitations.sent', `anna.${commandId}`);
    expect(String(headers?.['traceparent'])).toContain(traceId);
  });

  it('start in the service if the publisher sends none or an invalid one, and for a member at the api', async () => {
    const commandId = await harness.command(
      'send',
      { inviterId: 'anna', recipientId: 'bert' },
      {
        traceparent: 'no such thing',
      },
    );
    const message = await harness.published('invitations.sent', `anna.${commandId}`);
    expect(String(message.headers?.['traceparent'])).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);

    const { traceId, traceparent } = theirs();
    const anna = await MemberAtApi.of(harness.standalone, 'anna');
    const answer = await anna.request('POST', '/v1/invitations', { recipientId: 'bert' }, { traceparent });
    const { invitationId } = (await answer.json()) as { invitationId: string };
    expect([...answer.headers.keys()].filter((name) => name.startsWith('trace'))).toEqual([]);
    const { headers } = await harness.published('invitations.sent', invitationId);
    const own = String(headers?.['traceparent']).split('-')[1]!;
    await until(
      () => chainOf(own, 'send e-mail')[0] === 'api: POST /v1/invitations',
      30_000,
      () => chainOf(own, 'send e-mail').join(),
    );
    expect(chainOf(own, 'send e-mail')[1]).toBe('api: send invitations.commands');
    expect(allOf(traceId)).toEqual([]);
  });

  it('reveal no ignore, decline or withdrawal in any message (D1, R20, R30, R33)', async () => {
    const [inviterId, recipientId] = ['anna', 'probe'];
    const invitationId = `${inviterId}.${await harness.command('send', { inviterId, recipientId })}`;
    const silent = new Map<string, string>();
    for (const type of ['ignore', 'decline', 'withdraw']) {
      const { traceId, traceparent } = theirs();
      const actorId = type === 'withdraw' ? inviterId : recipientId;
      await harness.command(type, { invitationId, actorId }, { traceparent });
      silent.set(traceId, type);
    }
    // A later message arrives, so the missing ones were not published.
    await harness.published(
      'invitations.sent',
      `anna.${await harness.command('send', { inviterId, recipientId: 'bert' })}`,
    );
    for (const { message } of harness.messages) {
      const traceId = String(message.headers?.['traceparent']).split('-')[1]!;
      expect(silent.get(traceId)).toBeUndefined();
    }
    // Operators see these spans, which do not name the action.
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

  it('add no trace context to outcomes and e-mails (D1)', async () => {
    for (const { topic, message } of harness.messages) {
      expect(PUBLIC_TOPICS).toContain(topic);
      expect(Object.keys(message.headers ?? {})).not.toContain('tracestate');
    }
    expect(harness.service.answers.length).toBeGreaterThan(5);
    expect(
      harness.service.answerHeaders.flatMap((names) => names.filter((name) => name.includes('trace'))),
    ).toEqual([]);
    const bert = await MemberAtApi.of(harness.standalone, 'bert');
    expect(JSON.stringify(await bert.untilMails(1))).not.toMatch(/traceparent/i);
  });

  it('contain no addresses and no text', () => {
    const all = collector.bodies.join();
    expect(all).toContain('anna.');
    expect(all).not.toContain('@');
    expect(all).not.toContain(TEXT);
  });
});

describe('traces without a collector', () => {
  let harness: TracingHarness;
  beforeAll(async () => {
    harness = await TracingHarness.start(await sharedStandalone());
  });
  afterAll(() => harness?.stop());

  it('are neither kept nor propagated', async () => {
    const { traceparent } = theirs();
    const commandId = await harness.command(
      'send',
      { inviterId: 'anna', recipientId: 'bert' },
      { traceparent },
    );
    const { headers } = await harness.published('invitations.sent', `anna.${commandId}`);
    expect(Object.keys(headers ?? {}).filter((name) => name.includes('trace'))).toEqual([]);
    const metadata = await harness.metadata('anna');
    expect(metadata.length).toBeGreaterThanOrEqual(2);
    for (const one of metadata) {
      expect(Object.keys(one).toSorted()).toEqual(
        ['$causationId', '$correlationId', 'commandId', 'schemaVersion'].toSorted(),
      );
    }
  });
});
