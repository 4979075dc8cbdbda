import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompressionTypes, Partitioners } from 'kafkajs';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import type { ConsumedMessage } from '#libs/kafka';
import { produceRaw, RawClient, rawBatch } from '../../contract/kafka/raw-client.js';
import { until } from '../../support/until.js';
import { RunningApp } from './support/running-app.js';
import { RECIPIENTS, REPLIES, Servers } from './support/servers.js';

const offsetOf = (letter: ConsumedMessage) => letter.header('dead-letter-offset');

/**
 * Messages that brokers accept but that cannot be published again unchanged. They become dead letters and block
 * nothing.
 */
describe('the command app', () => {
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

  /** Returns the dead letter of what is published to partition 0, once a later command is decided. */
  async function letterOf(publish: () => Promise<unknown>): Promise<ConsumedMessage> {
    const before = new Set((await servers.read(TOPICS.deadLetters)).map(offsetOf));
    await publish();
    const id = randomUUID();
    const headers = {
      ...cloudEventHeaders({
        id,
        type: 'invitations.send.v1',
        source: '/test',
        time: new Date().toISOString(),
      }),
      'reply-to': REPLIES,
    };
    const value = JSON.stringify({ inviterId: `odd-${id}`, recipientId: RECIPIENTS[0] });
    await servers.publish([{ key: 'odd', value, headers, partition: 0 }]);
    await until(
      async () => (await servers.read(REPLIES)).some(({ key }) => String(key) === id),
      30_000,
      () => `the command behind it: ${app.output.slice(-2_000)}`,
    );
    const letters = (await servers.read(TOPICS.deadLetters)).filter((one) => !before.has(offsetOf(one)));
    expect(letters).toHaveLength(1);
    return letters[0]!;
  }

  it('accepts a header without a value', async () => {
    const raw = await RawClient.connect(servers.broker.brokers);
    const letter = await letterOf(() =>
      produceRaw(raw, TOPICS.commands, rawBatch({ values: ['no command'], flag: 'flag' })),
    );
    raw.close();
    expect(String(letter.value)).toBe('no command');
    expect(letter.headers['flag']).toEqual(Buffer.alloc(0));
    expect([...letter.recordHeaders!][0]).toEqual({ name: Buffer.from('flag'), value: null });
  });

  it("publishes a dead letter for a message that exceeds every topic's limit unless it is compressed", async () => {
    const producer = servers.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const letter = await letterOf(() =>
      producer.send({
        topic: TOPICS.commands,
        compression: CompressionTypes.GZIP,
        messages: [{ value: 'x'.repeat(5_000_000), partition: 0 }],
      }),
    );
    await producer.disconnect();
    expect(letter.value).toBeNull();
    expect(letter.header('dead-letter-reason')).toMatch(/; not kept: with headers it has 5000074 bytes$/);
    expect(letter.header('dead-letter-partition')).toBe('0');
  });
});
