import { describe, expect, it } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { readTopicToEnd } from './read-topic.js';

type Listener = (event: { payload: { error: Error } }) => void;

/** A topic with one message, whose consumer crashes while it is still starting. */
function crashingKafka(): Kafka {
  const listeners = new Map<string, Listener>();
  const offsets = [{ partition: 0, low: '0', high: '1', offset: '1' }];
  const admin = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    deleteGroups: async () => [],
    fetchTopicMetadata: async () => ({ topics: [{ partitions: [{ partitionId: 0, leader: 1 }] }] }),
    fetchTopicOffsets: async () => offsets,
  };
  const consumer = {
    events: { GROUP_JOIN: 'join', CRASH: 'crash', FETCH: 'fetch' },
    on: (name: string, listener: Listener) => listeners.set(name, listener),
    connect: async () => undefined,
    disconnect: async () => undefined,
    subscribe: async () => undefined,
    run: async () => {
      listeners.get('crash')!({ payload: { error: new Error('the coordinator is gone') } });
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
  return { admin: () => admin, consumer: () => consumer } as unknown as Kafka;
}

describe('readTopicToEnd', () => {
  it('throws the error of a consumer that crashes while it starts', async () => {
    await expect(
      readTopicToEnd(crashingKafka(), 'some.topic', { groupPrefix: 'test' }, () => undefined),
    ).rejects.toThrow('the coordinator is gone');
  });
});
