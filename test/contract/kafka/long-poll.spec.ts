import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ErrorCode } from '../../../libs/dev-servers/src/kafka/protocol/error-codes.js';
import { RawClient } from './raw-client.js';
import { PATIENT_MS, KafkaHarness } from './kafka-harness.js';

// Far longer than a test may take, so a response that arrives was caused by a record.
const LONG_WAIT_MS = 600_000;

jest.setTimeout(PATIENT_MS);

let bench: KafkaHarness;

beforeAll(async () => {
  bench = await KafkaHarness.open();
});

afterAll(() => bench.close());

async function fetchRaw(client: RawClient, topic: string, offset: number, maxBytes = 1_048_576) {
  const answer = await client.ask(1, 4, (request) => {
    request.int32(-1).int32(LONG_WAIT_MS).int32(1).int32(maxBytes).int8(0);
    request.array([topic], (name) => {
      request.string(name).array([0], (partition) => request.int32(partition).int64(offset).int32(maxBytes));
    });
  });
  answer.int32();
  answer.int32();
  answer.string();
  answer.int32();
  const partition = answer.int32();
  const error = answer.int16();
  const end = answer.int64();
  answer.int64();
  answer.nullableArray(() => [answer.int64(), answer.int64()]);
  return { partition, error, end, records: answer.nullableBytes() ?? Buffer.alloc(0) };
}

describe('a fetch request', () => {
  it('returns when a record arrives while it waits', async () => {
    const topic = await bench.topic();
    const client = await bench.rawClientToLeaderOf(topic);
    const fetched = fetchRaw(client, topic, 0);
    const producer = await bench.producer();
    await producer.send({ topic, messages: [{ value: 'awaited' }] });
    const { error, end, records } = await fetched;
    expect({ error, end }).toEqual({ error: ErrorCode.NONE, end: 1 });
    expect(records.includes('awaited')).toBe(true);
    client.close();
  });

  it('fails at once for an offset outside the log', async () => {
    const topic = await bench.topic();
    const client = await bench.rawClientToLeaderOf(topic);
    expect((await fetchRaw(client, topic, 1)).error).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    expect((await fetchRaw(client, topic, -5)).error).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    client.close();
  });

  it('returns a batch that is larger than the requested size, and no second one', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    for (const value of ['first', 'second']) {
      await producer.send({ topic, messages: [{ value: `${value} ${'x'.repeat(1_000)}` }] });
    }
    const client = await bench.rawClientToLeaderOf(topic);
    const { records } = await fetchRaw(client, topic, 0, 10);
    expect(records.includes('first')).toBe(true);
    expect(records.includes('second')).toBe(false);
    client.close();
  });
});
