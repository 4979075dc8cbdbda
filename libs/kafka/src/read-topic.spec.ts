import { describe, expect, it } from '@jest/globals';
import type { Consumer, ConsumerConfig, Kafka } from 'kafkajs';
import { readTopicToEnd } from './read-topic.js';

type Listener = (event: { payload: { error?: Error; restart?: boolean } }) => void;

/**
 * A topic with one message. Its consumer does as that of kafkajs when it cannot join its group: at each start it fails with
 * the next of the errors, and starts again if `restartOnFailure` says so.
 */
function crashingKafka(errors: readonly Error[]): Kafka {
  const listeners = new Map<string, Listener>();
  const offsets = [{ partition: 0, low: '0', high: '1', offset: '1' }];
  const admin = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    deleteGroups: async () => [],
    fetchTopicMetadata: async () => ({ topics: [{ partitions: [{ partitionId: 0, leader: 1 }] }] }),
    fetchTopicOffsets: async () => offsets,
  };
  const consumer = ({ retry }: ConsumerConfig) => ({
    events: { GROUP_JOIN: 'join', CRASH: 'crash', FETCH: 'fetch' },
    on: (name: string, listener: Listener) => listeners.set(name, listener),
    connect: async () => undefined,
    disconnect: async () => undefined,
    subscribe: async () => undefined,
    seek: () => undefined,
    run: async ({ eachBatch }: Parameters<Consumer['run']>[0] & object) => {
      for (const error of errors) {
        const restart = await retry!.restartOnFailure!(error);
        listeners.get('crash')!({ payload: { error, restart } });
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (!restart) return;
      }
      listeners.get('join')!({ payload: {} });
      const batch = { partition: 0, messages: [{ offset: '0', value: Buffer.from('v'), headers: {} }] };
      await eachBatch!({ batch, heartbeat: async () => undefined } as never);
    },
  });
  return { admin: () => admin, consumer } as unknown as Kafka;
}

const refusal = (type: string) => Object.assign(new Error(type), { type });
const loading = refusal('GROUP_LOAD_IN_PROGRESS');

describe('readTopicToEnd', () => {
  async function read(errors: readonly Error[]) {
    const values: string[] = [];
    await readTopicToEnd(
      crashingKafka(errors),
      'some.topic',
      { groupPrefix: 'test' },
      (message) => void values.push(String(message.value)),
    );
    return values;
  }

  it('throws the error of a consumer that crashes while it starts', async () => {
    await expect(read([new Error('out of order')])).rejects.toThrow('out of order');
  });

  it('waits for a coordinator that is not ready yet', async () => {
    const moved = refusal('NOT_COORDINATOR_FOR_GROUP');
    expect(await read([loading, loading, moved])).toEqual(['v']);
  });

  it('throws what a coordinator says that does not become ready', async () => {
    await expect(read(Array.from({ length: 100 }, () => loading))).rejects.toThrow('GROUP_LOAD_IN_PROGRESS');
  });
});
