import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTestKafka, type TestKafka } from '../support/kafka.js';
import { until } from '../support/until.js';
import { ConsumerHarness, valuesOf } from './support/consumer-harness.js';

/** Enough for a cluster that waits for further members of an empty group. */
const PATIENT_MS = 30_000;

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

let server: TestKafka;
let harness: ConsumerHarness;
let slow: ReturnType<typeof beginSlowChunk>;
let outage: ReturnType<typeof beginOutage>;

beforeAll(async () => {
  server = await openTestKafka();
  harness = await ConsumerHarness.open(server.brokers);
  // These two take longer than a session timeout. They run beside the other tests and are checked at the end.
  slow = beginSlowChunk();
  outage = beginOutage();
});

afterAll(async () => {
  await harness.close();
  await server.stop();
});

/** Handles a batch for longer than a broker's minimum session timeout of 6 s. */
async function beginSlowChunk() {
  const topic = await harness.topic();
  await harness.send(topic, 1);
  let handled = 0;
  const consumer = harness.consumer(topic, async () => {
    handled += 1;
    await sleep(7_500);
  });
  await consumer.start();
  const [member] = await harness.memberIds(consumer.groupId);
  return { topic, member, groupId: consumer.groupId, handled: () => handled };
}

/** A handler that fails at once, each time, for longer than the session timeout. */
async function beginOutage() {
  const topic = await harness.topic();
  await harness.send(topic, 1);
  const since = Date.now();
  let handled = false;
  const consumer = harness.consumer(topic, async () => {
    if (Date.now() - since < 6_500) throw new Error('outage');
    handled = true;
  });
  await consumer.start();
  const [member] = await harness.memberIds(consumer.groupId);
  return { member, groupId: consumer.groupId, handled: () => handled };
}

describe('BatchConsumer', () => {
  it('commits a batch only after its handler has returned', async () => {
    const topic = await harness.topic();
    await harness.send(topic, 3);
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const consumer = harness.consumer(topic, async () => {
      entered.resolve();
      await gate.promise;
    });
    await consumer.start();
    await entered.promise;
    expect(await harness.committed(consumer.groupId, topic)).toBe(-1);
    gate.resolve();
    await until(async () => (await harness.committed(consumer.groupId, topic)) === 3, PATIENT_MS, 'a commit');
  });

  it.each([
    ['TypeError', () => new TypeError('undefined is not a function')],
    ['RangeError', () => new RangeError('invalid time value')],
    ['text', () => 'thrown text'],
  ])(
    'treats a %s of its handler as an outage: it delivers the batch again and loses nothing',
    async (_name, make) => {
      const topic = await harness.topic();
      await harness.send(topic, 10);
      const chunks: string[][] = [];
      let failures = 2;
      const red: string[] = [];
      const consumer = harness.consumer(topic, async (messages) => {
        chunks.push(valuesOf(messages));
        if (failures === 0) return;
        red.push(consumer.state().detail ?? '');
        failures -= 1;
        throw make();
      });
      await consumer.start();
      await until(
        async () => (await harness.committed(consumer.groupId, topic)) === 10,
        PATIENT_MS,
        'a commit',
      );
      expect(chunks).toEqual([numbers(0, 10), numbers(0, 10), numbers(0, 10)]);
      expect(red[1]).toContain(`blocked at ${topic}/0@0`);
      expect(consumer.state()).toEqual({ ready: true });
      expect(consumer.fatal).toEqual([]);
    },
  );

  it('repeats a batch that failed halfway as a whole, and no earlier batch', async () => {
    const topic = await harness.topic();
    await harness.send(topic, 10);
    const done: string[] = [];
    const firsts: string[] = [];
    let committedAtFailure = -2;
    const consumer = harness.consumer(
      topic,
      async (messages) => {
        firsts.push(String(messages[0]!.value));
        for (const value of valuesOf(messages)) {
          if (value === '6' && firsts.length === 2) {
            committedAtFailure = await harness.committed(consumer.groupId, topic);
            throw new Error('halfway');
          }
          done.push(value);
        }
      },
      { batchSize: 4 },
    );
    await consumer.start();
    await until(
      async () => (await harness.committed(consumer.groupId, topic)) === 10,
      PATIENT_MS,
      'a commit',
    );
    expect(firsts).toEqual(['0', '4', '4', '8']);
    expect(done).toEqual([...numbers(0, 6), ...numbers(4, 10)]);
    expect(committedAtFailure).toBe(4);
  });

  it('finishes and commits the batch in hand when it stops, and leaves the rest to the next member', async () => {
    const topic = await harness.topic();
    await harness.send(topic, 20);
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const first: string[] = [];
    const consumer = harness.consumer(
      topic,
      async (messages) => {
        entered.resolve();
        await gate.promise;
        first.push(...valuesOf(messages));
      },
      { batchSize: 5 },
    );
    await consumer.start();
    await entered.promise;
    const stopped = consumer.stop();
    gate.resolve();
    await stopped;
    expect(first).toEqual(numbers(0, 5));
    expect(await harness.committed(consumer.groupId, topic)).toBe(5);
    expect(await harness.memberIds(consumer.groupId)).toEqual([]);

    const second: string[] = [];
    const next = harness.consumer(topic, async (messages) => void second.push(...valuesOf(messages)), {
      groupId: consumer.groupId,
    });
    await next.start();
    await until(() => second.length >= 15, PATIENT_MS, 'the rest');
    expect(second).toEqual(numbers(5, 20));
  });

  it('loses nothing when a second member joins, and repeats at most the batch in hand', async () => {
    const partitions = 4;
    const each = 300;
    const topic = await harness.topic(partitions);
    for (let partition = 0; partition < partitions; partition += 1)
      await harness.send(topic, each, partition);
    const seen = new Map<string, number>();
    const underWay = new Set<readonly string[]>();
    const handledBy = new Map<string, number>();
    const member = (name: string) => async (messages: readonly { partition: number; offset: string }[]) => {
      const places = messages.map(({ partition, offset }) => `${partition}@${offset}`);
      underWay.add(places);
      await sleep(40);
      for (const place of places) seen.set(place, (seen.get(place) ?? 0) + 1);
      handledBy.set(name, (handledBy.get(name) ?? 0) + places.length);
      underWay.delete(places);
    };
    const first = harness.consumer(topic, member('first'), { batchSize: 5 });
    await first.start();
    await until(() => seen.size >= 40, PATIENT_MS, 'the first is at work');
    const doneBefore = new Set(seen.keys());
    const second = harness.consumer(topic, member('second'), { batchSize: 5, groupId: first.groupId });
    await second.start();
    await until(
      () => seen.size === partitions * each,
      PATIENT_MS,
      () => `everything, ${seen.size} came`,
    );
    await until(() => underWay.size === 0, PATIENT_MS, 'nothing under way');
    expect(handledBy.get('second')).toBeGreaterThan(0);
    const repeated = [...seen].filter(([, times]) => times > 1).map(([place]) => place);
    expect(repeated.filter((place) => doneBefore.has(place))).toEqual([]);
    expect(repeated.length).toBeLessThanOrEqual(partitions * 5);
  });

  it('stays unready while one partition is blocked, even if another one progresses', async () => {
    const topic = await harness.topic(2);
    let broken = true;
    const moved: string[] = [];
    const consumer = harness.consumer(topic, async (messages) => {
      if (messages[0]!.partition === 0 && broken) throw new Error('failing');
      if (messages[0]!.partition === 1) moved.push(...valuesOf(messages));
    });
    await consumer.start();
    await harness.send(topic, 1, 0);
    await until(() => consumer.state().detail?.includes(`${topic}/0@0`) === true, PATIENT_MS, 'it stands');
    await harness.send(topic, 1, 1);
    await until(() => moved.length > 0, PATIENT_MS, 'the other moves');
    expect(consumer.state().ready).toBe(false);
    broken = false;
    await until(() => consumer.state().ready, PATIENT_MS, 'it is well again');
  });

  it('continues with one partition while another one fails', async () => {
    const topic = await harness.topic(2);
    let failed = 0;
    let moved = 0;
    const consumer = harness.consumer(topic, async (messages) => {
      if (messages[0]!.partition === 1) return void (moved += messages.length);
      failed += 1;
      throw new Error('outage');
    });
    await harness.send(topic, 1, 0);
    await consumer.start();
    await until(() => failed >= 5, PATIENT_MS, 'pauses that have become long');
    const failedBefore = failed;
    // Each batch is in a fetch of its own, and one of them would wait if the other partition blocked it.
    for (let n = 1; n <= 10; n += 1) {
      await harness.send(topic, 1, 1);
      await until(() => moved === n, PATIENT_MS, 'what was sent to the other');
    }
    expect(failed - failedBefore).toBeLessThan(3);
    expect(await harness.committed(consumer.groupId, topic)).toBe(-1);
  });

  it('reports a fatal error when kafkajs has given up for good', async () => {
    // Shorter than any broker allows, so it returns an error that the client does not retry.
    const consumer = harness.consumer(await harness.topic(), async () => undefined, {
      sessionTimeoutMs: 1_500,
    });
    await consumer.start();
    await until(() => consumer.fatal.length > 0, PATIENT_MS, 'a crash');
    expect(consumer.fatal).toEqual([`consumer ${consumer.groupId} crashed`]);
    expect(consumer.state()).toEqual({ ready: false, detail: expect.stringMatching(/^crashed by: ./) });
  });

  it('keeps its membership while a batch takes longer than the session timeout', async () => {
    const { topic, groupId, member, handled } = await slow;
    await until(async () => (await harness.committed(groupId, topic)) === 1, PATIENT_MS, 'the slow chunk');
    expect(handled()).toBe(1);
    expect(await harness.memberIds(groupId)).toEqual([member]);
  });

  it('keeps its membership while a batch fails again and again', async () => {
    const { groupId, member, handled } = await outage;
    await until(handled, PATIENT_MS, 'the end of the outage');
    expect(await harness.memberIds(groupId)).toEqual([member]);
  });
});
