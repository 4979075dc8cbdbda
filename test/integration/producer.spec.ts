import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createKafka, Producer, type ProducerMessage } from '#libs/kafka';
import { BrokerHarness } from './dev-servers/broker-harness.js';
import { SILENT } from './support/consumer-harness.js';

let broker: BrokerHarness;
let producer: Producer;
let requests = 0;

beforeAll(async () => {
  broker = await BrokerHarness.start();
  const kafka = createKafka({ brokers: broker.address, clientId: 'test' }, SILENT);
  const make = kafka.producer.bind(kafka);
  kafka.producer = (config) => {
    const inner = make(config);
    inner.on(inner.events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Produce') requests += 1;
    });
    return inner;
  };
  producer = new Producer(kafka);
  await producer.connect();
});

afterAll(async () => {
  await producer.disconnect();
  await broker.remove();
});

/** Runs an action with an impatient producer, and returns whether the producer can still reach a new topic. */
async function goesOnAfter(act: (impatient: Producer) => Promise<void>): Promise<void> {
  const kafka = createKafka({ brokers: broker.address, clientId: 'test' }, SILENT);
  const impatient = new Producer(kafka, 1);
  await impatient.connect();
  try {
    await act(impatient);
    const topic = await newTopic();
    await impatient.send([text(topic, 'after')]);
    expect(await broker.values(topic, 1, randomUUID())).toEqual(['after']);
  } finally {
    await impatient.disconnect();
  }
}

async function newTopic(): Promise<string> {
  const topic = `test.${randomUUID()}`;
  await broker.createTopic(topic);
  return topic;
}

const text = (topic: string, value: string, key = 'k'): ProducerMessage => ({ topic, key, value });

describe('Producer', () => {
  it('keeps the order of a key over concurrent sends', async () => {
    const topic = await newTopic();
    const sends = Array.from({ length: 50 }, (_, n) => [text(topic, `${n}.0`), text(topic, `${n}.1`)]);
    await Promise.all(
      sends.map(async (messages, n) => {
        // Some messages during a request, and some at the same time.
        if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        await producer.send(messages);
      }),
    );
    const values = await broker.values(topic, 100, randomUUID());
    expect(values).toHaveLength(100);
    for (let n = 0; n < 50; n += 1) expect(values.indexOf(`${n}.1`)).toBe(values.indexOf(`${n}.0`) + 1);
    const atOnce = values.filter((value) => value.endsWith('.0') && Number.parseInt(value, 10) % 3 !== 0);
    expect(atOnce).toEqual(atOnce.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)));
  });

  it('sends messages that arrive during a request together in the next one', async () => {
    const topic = await newTopic();
    await producer.send([text(topic, 'first')]);
    const before = requests;
    await Promise.all(Array.from({ length: 200 }, (_, n) => producer.send([text(topic, String(n))])));
    expect(requests - before).toBeLessThanOrEqual(2);
    expect(await broker.values(topic, 201, randomUUID())).toHaveLength(201);
  });

  it('sends messages that follow an empty send', async () => {
    const topic = await newTopic();
    const sends = [producer.send([]), producer.send([text(topic, 'a')]), producer.send([])];
    await expect(Promise.all(sends)).resolves.toHaveLength(3);
  });

  it('splits messages that exceed the size limit of one request', async () => {
    const topic = await newTopic();
    const large = 'x'.repeat(60_000);
    await producer.send(Array.from({ length: 40 }, () => text(topic, large)));
    expect(await broker.bounds(topic)).toEqual({ low: 0, high: 40 });
  });

  it('rejects a message that is too large by itself, and continues', async () => {
    const topic = await newTopic();
    await expect(producer.send([text(topic, 'x'.repeat(1_100_000))])).rejects.toThrow('larger');
    await producer.send([text(topic, 'a')]);
    expect(await broker.bounds(topic)).toEqual({ low: 0, high: 1 });
  });

  it('writes none of the later batches of a send that failed', async () => {
    const topic = await newTopic();
    const messages = ['a', 'x'.repeat(1_100_000), 'c'].map((value) => text(topic, value));
    await expect(producer.send(messages)).rejects.toThrow('larger');
    expect(await broker.bounds(topic)).toEqual({ low: 0, high: 1 });
  });

  it('has written everything that it confirmed when the broker is killed meanwhile', async () => {
    const topic = await newTopic();
    const confirmed: string[] = [];
    const stop = new AbortController();
    const lane = async (name: string) => {
      for (let n = 0; !stop.signal.aborted; n += 1) {
        const value = `${name}.${n}`;
        await producer.send([text(topic, value, name)]).then(
          () => confirmed.push(value),
          () => undefined,
        );
      }
    };
    const lanes = ['a', 'b', 'c', 'd'].map(lane);
    const confirmations = async (count: number) => {
      const enough = confirmed.length + count;
      while (confirmed.length < enough) await new Promise((resolve) => setImmediate(resolve));
    };
    await confirmations(50);
    await broker.restart();
    await confirmations(50);
    stop.abort();
    await Promise.all(lanes);
    // A retried message may be stored twice.
    const { high } = await broker.bounds(topic);
    const values = new Set(await broker.values(topic, high, randomUUID()));
    expect(confirmed.filter((value) => !values.has(value))).toEqual([]);
  });

  it('rejects messages once it is disconnected', async () => {
    const topic = await newTopic();
    const other = new Producer(createKafka({ brokers: broker.address, clientId: 'test' }, SILENT));
    await other.connect();
    const last = other.send([text(topic, 'last')]);
    await other.disconnect();
    await last;
    await expect(other.send([text(topic, 'late')])).rejects.toThrow('the producer is disconnected');
    expect(await broker.bounds(topic)).toEqual({ low: 0, high: 1 });
  });

  // A client of kafkajs remembers topics and requests metadata for all of them, which fails if one does not exist.
  describe('recovers', () => {
    it('from a missing topic', () =>
      goesOnAfter(async (impatient) => {
        const sent = impatient.send([text('test.missing', 'a')]);
        await expect(sent).rejects.toThrow('This server does not host this topic-partition');
      }));

    it('from a missing topic that was requested while the broker was down', () =>
      goesOnAfter(async (impatient) => {
        await broker.kill();
        const sent = impatient.send([text('test.missing', 'a')]);
        await expect(sent).rejects.toMatchObject({ name: expect.stringMatching(/^KafkaJS/) });
        await broker.start();
      }));

    it('from a topic that was deleted while it was in use', () =>
      goesOnAfter(async (impatient) => {
        const doomed = await newTopic();
        await impatient.send([text(doomed, 'a')]);
        await broker.deleteTopic(doomed);
        const sent = impatient.send([text(doomed, 'b')]);
        await expect(sent).rejects.toThrow('This server does not host this topic-partition');
      }));
  });
});
