import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS, Topics } from '#libs/contracts';
import { createKafka, readTopicSetting } from '#libs/kafka';
import { loadConfig } from '#libs/platform';
import { createTopics } from '../../apps/standalone/src/servers/provisioning.js';
import {
  CreatedTopicsConfig,
  reportLongerRetention,
} from '../../apps/standalone/src/servers/topic-retention.js';
import { openTestKafka, type TestKafka } from '../support/kafka.js';
import { until } from '../support/until.js';
import { SILENT } from './support/consumer-harness.js';

const DAY_MS = 86_400_000;
const topics = new Topics('kept.');
let server: TestKafka;

beforeAll(async () => {
  server = await openTestKafka();
});
afterAll(() => server.stop());

const brokers = () => server.brokers.join(',');
const retention = () =>
  readTopicSetting(
    createKafka({ brokers: brokers(), clientId: 'test' }, SILENT),
    topics.names,
    'retention.ms',
  );

describe('topics with members’ texts', () => {
  it('are created with a bounded retention, and keep it when the setting has changed, which is reported', async () => {
    const lines: string[] = [];
    const create = (retentionMs: number) =>
      createTopics(topics, brokers(), SILENT, retentionMs, (line) => lines.push(line));
    await create(3 * DAY_MS);
    expect(lines).toEqual([]);
    await until(async () => (await retention()).size === topics.names.length, 30_000, 'the settings');
    const created = await retention();
    for (const topic of [topics.commands, topics.deadLetters, topics.sent, topics.replied]) {
      expect([topic, created.get(topic)]).toEqual([topic, String(3 * DAY_MS)]);
    }

    await create(4 * DAY_MS);
    expect(lines).toEqual([]);
    await create(DAY_MS);
    expect(lines.map((line) => /^The topic (\S+) keeps/.exec(line)?.[1])).toEqual([
      topics.commands,
      topics.deadLetters,
      topics.sent,
      topics.replied,
    ]);
    expect(lines[0]).toContain(`for ${3 * DAY_MS} ms, and a new one would keep them for ${DAY_MS} ms`);
    expect(await retention()).toEqual(created);
  });

  it('do not keep the service from starting when their settings cannot be read', async () => {
    const lines: string[] = [];

    const away = createKafka({ brokers: '127.0.0.1:1', clientId: 'test', retries: 0 }, SILENT);
    await reportLongerRetention(away, [TOPICS.sent], { [TOPICS.sent]: DAY_MS }, (line) => lines.push(line));
    expect(lines).toEqual([
      expect.stringMatching(/^How long the topics keep members' texts is not known: ./),
    ]);
  });

  it('are kept for a week by default, and for an hour at least', () => {
    expect(loadConfig(CreatedTopicsConfig, {}).TEXT_TOPIC_RETENTION).toBe(7 * DAY_MS);
    expect(() => loadConfig(CreatedTopicsConfig, { TEXT_TOPIC_RETENTION: 'PT59M' })).toThrow(/at least PT1H/);
  });
});
