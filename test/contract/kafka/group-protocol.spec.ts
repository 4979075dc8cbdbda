import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ErrorCode } from '../../../libs/dev-servers/src/kafka/protocol/error-codes.js';
import { RawClient } from './raw-client.js';
import { PATIENT_MS, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

const SESSION_MS = 10_000;
// Version 0, without topics and user data, because a broker may parse it.
const SUBSCRIPTION = Buffer.from([0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);

let bench: KafkaHarness;
let topic: string;

beforeAll(async () => {
  bench = await KafkaHarness.open();
  topic = await bench.topic();
});

afterAll(() => bench.close());

async function join(client: RawClient, groupId: string, memberId: string, sessionMs = SESSION_MS) {
  const answer = await client.ask(11, 4, (request) => {
    request.string(groupId).int32(sessionMs).int32(SESSION_MS).string(memberId).string('consumer');
    request.array(['only'], (protocol) => request.string(protocol).bytes(SUBSCRIPTION));
  });
  answer.int32();
  return {
    error: answer.int16(),
    generation: answer.int32(),
    protocol: answer.nullableString(),
    leader: answer.string(),
    memberId: answer.string(),
  };
}

async function sync(client: RawClient, groupId: string, memberId: string, generation: number) {
  const answer = await client.ask(14, 1, (request) => {
    request.string(groupId).int32(generation).string(memberId);
    request.array([memberId], (id) => request.string(id).bytes(Buffer.from('everything')));
  });
  answer.int32();
  return { error: answer.int16(), assignment: String(answer.bytes()) };
}

async function heartbeat(client: RawClient, groupId: string, memberId: string, generation: number) {
  const answer = await client.ask(12, 1, (request) =>
    request.string(groupId).int32(generation).string(memberId),
  );
  answer.int32();
  return answer.int16();
}

async function commit(
  client: RawClient,
  groupId: string,
  memberId: string,
  generation: number,
  metadata = '',
) {
  const answer = await client.ask(8, 3, (request) => {
    request.string(groupId).int32(generation).string(memberId).int64(-1);
    request.array([topic], (name) => {
      request.string(name).array([0], (partition) => request.int32(partition).int64(5).string(metadata));
    });
  });
  answer.int32();
  const [errors] = answer.array(() => {
    answer.string();
    return answer.array(() => [answer.int32(), answer.int16()] as const);
  });
  return errors![0]![1];
}

async function leave(client: RawClient, groupId: string, memberId: string) {
  const answer = await client.ask(13, 1, (request) => request.string(groupId).string(memberId));
  answer.int32();
  return answer.int16();
}

describe("Kafka's group protocol", () => {
  it('gives a new member an id to rejoin with, then a generation, then its assignment', async () => {
    const groupId = bench.groupId();
    const client = await bench.rawClientToCoordinatorOf(groupId);
    const newcomer = await join(client, groupId, '');
    expect(newcomer).toMatchObject({ error: ErrorCode.MEMBER_ID_REQUIRED, generation: -1 });
    const { memberId } = newcomer;
    expect(memberId).not.toBe('');
    const joined = await join(client, groupId, memberId);
    expect(joined).toEqual({
      error: ErrorCode.NONE,
      generation: 1,
      protocol: 'only',
      leader: memberId,
      memberId,
    });
    const synced = { error: ErrorCode.NONE, assignment: 'everything' };
    expect(await sync(client, groupId, memberId, 1)).toEqual(synced);
    expect(await heartbeat(client, groupId, memberId, 1)).toBe(ErrorCode.NONE);
    // A leader that joins again asks for a new generation.
    expect((await join(client, groupId, memberId)).generation).toBe(2);
    expect(await heartbeat(client, groupId, memberId, 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(await leave(client, groupId, memberId)).toBe(ErrorCode.NONE);
    expect(await heartbeat(client, groupId, memberId, 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    client.close();
  });

  it('rejects commits of an old generation, of unknown members and of members that have left', async () => {
    const groupId = bench.groupId();
    const client = await bench.rawClientToCoordinatorOf(groupId);
    const { memberId } = await join(client, groupId, '');
    await join(client, groupId, memberId);
    await sync(client, groupId, memberId, 1);
    expect(await commit(client, groupId, memberId, 1)).toBe(ErrorCode.NONE);
    expect(await commit(client, groupId, memberId, 0)).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(await commit(client, groupId, 'stranger', 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(await commit(client, groupId, '', -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const tooMuch = 'x'.repeat(4_097);
    expect(await commit(client, groupId, memberId, 1, tooMuch)).toBe(ErrorCode.OFFSET_METADATA_TOO_LARGE);
    await leave(client, groupId, memberId);
    // As a member that outlived its group, and as a tool without membership.
    expect(await commit(client, groupId, memberId, 1)).not.toBe(ErrorCode.NONE);
    expect(await commit(client, groupId, '', -1)).toBe(ErrorCode.NONE);
    client.close();
  });

  it('rejects session timeouts out of bounds, unknown members and groups without a name', async () => {
    const groupId = bench.groupId();
    const client = await bench.rawClientToCoordinatorOf(groupId);
    expect((await join(client, groupId, '', 1_000)).error).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
    expect((await join(client, groupId, 'stranger')).error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect((await join(client, '', '')).error).toBe(ErrorCode.INVALID_GROUP_ID);
    expect((await sync(client, groupId, 'stranger', 1)).error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(await heartbeat(client, groupId, 'stranger', 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    client.close();
  });
});
