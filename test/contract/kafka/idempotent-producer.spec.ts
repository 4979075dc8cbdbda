import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ErrorCode } from '../../../libs/dev-servers/src/kafka/protocol/error-codes.js';
import { produceRaw, RawClient, rawBatch } from './raw-client.js';
import { eventually, PATIENT_MS, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

let bench: KafkaHarness;
let topic: string;
let client: RawClient;
let producerId: number;

beforeAll(async () => {
  bench = await KafkaHarness.open();
  topic = await bench.topic();
  client = await bench.rawClientToLeaderOf(topic);
  // A new broker must first acquire a block of ids.
  const taken = await eventually(takeProducerId, ({ error }) => error === ErrorCode.NONE);
  producerId = taken.id;
});

afterAll(async () => {
  client.close();
  await bench.close();
});

async function takeProducerId() {
  const answer = await client.ask(22, 0, (request) => request.string(null).int32(60_000));
  answer.int32();
  return { error: answer.int16(), id: answer.int64() };
}

const send = (sequence: number, values: string[], epoch = 0) =>
  produceRaw(client, topic, rawBatch({ producerId, epoch, sequence, values }));

const end = async () => (await bench.admin.fetchTopicOffsets(topic))[0]!.high;

describe('an idempotent producer', () => {
  it('gets consecutive offsets', async () => {
    const other = await bench.topic();
    const producer = await bench.producer({ idempotent: true, maxInFlightRequests: 1 });
    const offsets: (string | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      const messages = [{ value: `${i} a` }, { value: `${i} b` }];
      offsets.push((await producer.send({ topic: other, messages }))[0]!.baseOffset);
    }
    expect(offsets).toEqual(['0', '2', '4', '6', '8']);
  });

  it('gets the first response again for a repeated batch', async () => {
    expect(await send(0, ['a', 'b'])).toEqual({ error: ErrorCode.NONE, baseOffset: 0 });
    expect(await send(2, ['c'])).toEqual({ error: ErrorCode.NONE, baseOffset: 2 });
    expect(await send(0, ['a', 'b'])).toEqual({ error: ErrorCode.NONE, baseOffset: 0 });
    expect(await send(2, ['c'])).toEqual({ error: ErrorCode.NONE, baseOffset: 2 });
    expect(await end()).toBe('3');
  });

  it('gets an error for a gap in its sequence', async () => {
    expect(await send(9, ['z'])).toEqual({ error: ErrorCode.OUT_OF_ORDER_SEQUENCE, baseOffset: -1 });
    expect(await end()).toBe('3');
  });

  it('starts at sequence zero in a new epoch, and fences the former epoch', async () => {
    expect((await send(3, ['x'], 1)).error).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE);
    expect(await send(0, ['d'], 1)).toEqual({ error: ErrorCode.NONE, baseOffset: 3 });
    expect((await send(3, ['x'], 0)).error).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    expect(await end()).toBe('4');
  });
});

describe('a producer', () => {
  it('gets an error for a batch with a wrong checksum', async () => {
    const batch = rawBatch({ values: ['a'] });
    batch.writeUInt8(batch.readUInt8(batch.length - 2) ^ 1, batch.length - 2);
    expect((await produceRaw(client, topic, batch)).error).toBe(ErrorCode.CORRUPT_MESSAGE);
  });

  it('gets an error for a batch with a wrong record count', async () => {
    const more = rawBatch({ values: ['a'], claimedCount: 2 });
    expect((await produceRaw(client, topic, more)).error).toBe(ErrorCode.INVALID_RECORD);
    const fewer = rawBatch({ values: ['a', 'b'], claimedCount: 1 });
    expect((await produceRaw(client, topic, fewer)).error).toBe(ErrorCode.INVALID_RECORD);
  });
});
