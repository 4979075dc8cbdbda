import { describe, expect, it } from '@jest/globals';
import { PROTOCOL_ERROR_NAME } from './protocol/kafkajs-internals.js';
import { createTopics } from './topic-admin.js';

const TOPIC = 'invitations.outcomes.api';
const failure = (type: string) => Object.assign(new Error(type), { name: PROTOCOL_ERROR_NAME, type });
const withLeader = (leader: number) => ({
  topics: [{ name: TOPIC, partitions: [{ leader } as never] }],
});

/** Creates a topic on a cluster whose brokers give these responses to requests for metadata, the last one for ever. */
async function create(...metadata: (Error | ReturnType<typeof withLeader>)[]): Promise<number> {
  let asked = 0;
  const admin = {
    createTopics: () => Promise.resolve(true),
    fetchTopicMetadata() {
      const response = metadata[Math.min(asked, metadata.length - 1)]!;
      asked += 1;
      return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
    },
  };
  await createTopics(admin, [{ topic: TOPIC, numPartitions: 1 }], 200);
  return asked;
}

describe('createTopics', () => {
  it('waits for brokers that have not heard of the topic yet', async () => {
    expect(await create(failure('UNKNOWN_TOPIC_OR_PARTITION'), withLeader(1))).toBe(2);
  });

  it('waits for the leader of each partition', async () => {
    expect(await create(failure('LEADER_NOT_AVAILABLE'), withLeader(-1), withLeader(1))).toBe(3);
  });

  it('fails when a partition gets no leader', async () => {
    await expect(create(withLeader(-1))).rejects.toThrow(`no leader for a partition of ${TOPIC} in 200 ms`);
  });

  it('fails at once with any other error', async () => {
    await expect(create(failure('TOPIC_AUTHORIZATION_FAILED'), withLeader(1))).rejects.toThrow(
      'TOPIC_AUTHORIZATION_FAILED',
    );
  });
});
