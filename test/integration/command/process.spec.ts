import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { toDeadLetter, readDeadLetterOrigin } from '#libs/kafka';
import { until } from '../../support/until.js';
import { expectDoneOnce, OutageHarness, PATIENCE_MS, sendings } from './support/outage-harness.js';

let harness: OutageHarness;

beforeAll(async () => {
  harness = await OutageHarness.open();
});
afterAll(() => harness.close());

describe('the command app as a process', () => {
  beforeEach(() => {
    harness.toStore.open();
  });
  afterEach(() => harness.app.kill());

  it('completes and commits the batch in hand on SIGTERM, and exits 0', async () => {
    // On a busy machine, a short session may end before the last commit.
    const env = { ...harness.servers.env, KAFKA_SESSION_TIMEOUT: 'PT30S' };
    await harness.startApp(env);
    await harness.app.untilReady();
    const { ids, messages } = sendings(3_000);
    await harness.servers.publish(messages);
    await until(async () => (await harness.outcomesOf(ids)) > 0, PATIENCE_MS, 'the first outcome');
    expect(await harness.app.stop()).toBe(0);
    const done = await harness.outcomesOf(ids);
    // What was stored is committed, and it was not all.
    expect(await harness.servers.lag()).toBe(ids.length - done);
    expect(await harness.memberIds()).toEqual([]);
    await harness.startApp(env);
    await harness.untilDone(ids);
    await expectDoneOnce(harness.servers, ids.slice(0, 50));
    expect(await harness.app.stop()).toBe(0);
  });

  it('exits 1 when kafkajs has given up for good', async () => {
    // Less than the broker grants: an answer that is not retried.
    await harness.startApp({ ...harness.servers.env, KAFKA_SESSION_TIMEOUT: 'PT0.3S' });
    expect(await harness.app.exited).toBe(1);
    expect(harness.app.output).toContain('consumer command crashed');
  });

  it('waits for an event store that is down at its start, and logs it', async () => {
    // Those of the tests before it were killed: the broker keeps them until their session ends.
    await until(async () => (await harness.memberIds()).length === 0, PATIENCE_MS, 'an empty group');
    harness.toStore.shut();
    await harness.startApp(harness.throughProxies());
    await harness.app.untilUnready('no commands are processed until it does');
    expect(await harness.memberIds()).toEqual([]);
    harness.toStore.open();
    await harness.app.untilReady();
  });

  it('publishes no second dead letter for a message that its predecessor did not commit', async () => {
    const [partition] = await harness.servers.admin.fetchTopicOffsets(TOPICS.commands);
    const twice = { value: 'set aside by a predecessor', partition: partition!.partition };
    const once = { value: 'set aside by this one', partition: partition!.partition };
    await harness.servers.publish([twice, once]);
    const message = { topic: TOPICS.commands, partition: partition!.partition, offset: partition!.high };
    const { key, value, headers } = toDeadLetter(
      {
        ...message,
        key: null,
        value: Buffer.from(twice.value),
        headers: {},
        header: () => undefined,
        timestamp: 0,
      },
      TOPICS.deadLetters,
      'the message is not JSON',
      new Date(),
    );
    await harness.servers.publish([{ key, value, headers: headers! }], TOPICS.deadLetters);
    await harness.startApp();
    await until(async () => (await harness.servers.lag()) === 0, PATIENCE_MS, 'all is committed');
    const letters = await harness.servers.read(TOPICS.deadLetters);
    expect(letters.map((letter) => [String(letter.value), readDeadLetterOrigin(letter)])).toEqual(
      expect.arrayContaining([
        [twice.value, message],
        [once.value, { ...message, offset: String(Number(message.offset) + 1) }],
      ]),
    );
    expect(letters.filter((letter) => String(letter.value) === twice.value)).toHaveLength(1);
    expect(letters.filter((letter) => String(letter.value) === once.value)).toHaveLength(1);
  });
});
