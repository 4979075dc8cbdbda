import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { until } from '../../support/until.js';
import { AppProcess } from '../../support/app-process.js';
import { RunningApp } from './support/running-app.js';
import { GROUP, Servers } from './support/servers.js';

jest.setTimeout(60_000);

const REFUSED =
  /invitations\.commands has 9 partitions, but had 8 at the first start.*UPDATE read_models\.topic_partitions/;

describe('PartitionCountCheck', () => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await Servers.start({ killsBroker: true });
  });
  afterAll(() => servers.stop());

  it('stores the count at the first start, and throws with what to do after a change', async () => {
    const first = await RunningApp.start(servers.env);
    await first.untilReady();
    const { rows } = await servers.pool.query('SELECT topic, partitions FROM read_models.topic_partitions');
    expect(rows).toEqual([{ topic: TOPICS.commands, partitions: 8 }]);
    await servers.admin.createPartitions({ topicPartitions: [{ topic: TOPICS.commands, count: 9 }] });

    // Another member causes a rebalance, as a new partition does once the brokers announce it.
    const other = servers.kafka.consumer({ groupId: GROUP, sessionTimeout: 6_000 });
    await other.connect();
    await other.subscribe({ topic: TOPICS.commands });
    await other.run({ autoCommit: false, eachMessage: async () => undefined });
    expect(await first.exited).toBe(1);
    expect(first.output).toMatch(REFUSED);
    await other.disconnect();

    const second = new AppProcess('command', servers.env);
    expect(await second.exited).toBe(1);
    expect(second.output).toMatch(REFUSED);
  });

  it('accepts a change that an operator has confirmed', async () => {
    await servers.pool.query('UPDATE read_models.topic_partitions SET partitions = 9 WHERE topic = $1', [
      TOPICS.commands,
    ]);
    const app = await RunningApp.start(servers.env);
    await app.untilReady();
    expect(app.ended).toBeUndefined();
    await app.kill();
  });

  it('waits while the broker does not respond', async () => {
    await servers.broker.kill();
    const app = await RunningApp.start(servers.env);
    await until(async () => (await app.details()) !== '(no answer)', 20_000, 'an answer');
    expect(app.ended).toBeUndefined();
    await servers.broker.startAgain();
    await app.untilReady();
    await app.kill();
  });
});
