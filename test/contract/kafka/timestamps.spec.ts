import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { produceExplained, produceRaw, RawClient, rawBatch } from './raw-client.js';
import { PATIENT_MS, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

const HOUR_MS = 3_600_000n;
const INVALID_TIMESTAMP = 32;
const LOG_APPEND_TIME = 0x08;

/** Kafka 4 accepts timestamps of any age and those of the next hour (message.timestamp.{before,after}.max.ms). */
describe('the timestamp of a record', () => {
  const now = BigInt(Date.now());
  let bench: KafkaHarness;
  let topic: string;
  let raw: RawClient;

  beforeAll(async () => {
    bench = await KafkaHarness.open();
    topic = await bench.topic();
    raw = await bench.rawClientToLeaderOf(topic);
  });
  afterAll(async () => {
    raw.close();
    await bench.close();
  });

  it.each<[string, bigint]>([
    ['none', -1n],
    ['before 1970', -2n],
    ['1970', 0n],
    ['a year ago', now - 365n * 24n * HOUR_MS],
    ['half an hour ahead', now + HOUR_MS / 2n],
    ['in seconds', now / 1_000n],
  ])('is accepted: %s', async (_, timestamp) => {
    expect((await produceRaw(raw, topic, rawBatch({ values: ['v'], timestamp }))).error).toBe(0);
  });

  it.each<[string, bigint]>([
    ['two hours ahead', now + 2n * HOUR_MS],
    ['next year', now + 365n * 24n * HOUR_MS],
    ['in microseconds', now * 1_000n],
    ['the last of all', 2n ** 63n - 1n],
    ['the first of all, which overflows', -(2n ** 63n)],
  ])('is rejected: %s', async (_, timestamp) => {
    const { error } = await produceRaw(raw, topic, rawBatch({ values: ['v'], timestamp }));
    expect(error).toBe(INVALID_TIMESTAMP);
  });

  it('may have the type LogAppendTime although a producer set it', async () => {
    const batch = rawBatch({ values: ['v'], attributes: LOG_APPEND_TIME });
    expect((await produceRaw(raw, topic, batch)).error).toBe(0);
  });

  it('is named in the error, with the rejected records', async () => {
    const timestamp = now + 2n * HOUR_MS;
    const { error, records, message } = await produceExplained(
      raw,
      topic,
      rawBatch({ values: ['a', 'b'], timestamp }),
    );
    expect(error).toBe(INVALID_TIMESTAMP);
    expect(records.map(({ index }) => index)).toEqual([0, 1]);
    expect(records[0]!.message).toContain(String(timestamp));
    expect(message).toBe('One or more records have been rejected due to invalid timestamp');
  });

  it('is compared with the limits of the topic', async () => {
    const strict = await bench.topic(1, {
      'message.timestamp.before.max.ms': '60000',
      'message.timestamp.after.max.ms': '60000',
    });
    const leader = await bench.rawClientToLeaderOf(strict);
    const errorOf = async (timestamp: bigint) =>
      (await produceRaw(leader, strict, rawBatch({ values: ['v'], timestamp }))).error;
    expect(await errorOf(BigInt(Date.now()) - 120_000n)).toBe(INVALID_TIMESTAMP);
    expect(await errorOf(BigInt(Date.now()) + 120_000n)).toBe(INVALID_TIMESTAMP);
    expect(await errorOf(BigInt(Date.now()))).toBe(0);
    expect(await errorOf(-1n)).toBe(0);
    leader.close();
  });
});
