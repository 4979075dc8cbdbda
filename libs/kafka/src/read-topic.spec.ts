import { describe, expect, it } from '@jest/globals';
import type { Consumer, ConsumerConfig, Kafka } from 'kafkajs';
import { readTopicToEnd } from './read-topic.js';

type Listener = (event: { payload: object }) => void;

/** The nodeId of kafkajs's event is a text, whatever its type says. */
const FETCH = { nodeId: '1' };

/**
 * A topic whose last message has the offset 30; none or only aborted ones precede it. Its consumer does as that of kafkajs when it cannot join its group: at each start it fails with
 * the next of the errors, and starts again if `restartOnFailure` says so.
 */
function fakeKafka(errors: readonly Error[], isTrimmed: boolean): Kafka {
  const listeners = new Map<string, Listener>();
  const offsets = [{ partition: 0, low: '0', high: '31', offset: '31' }];
  const admin = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    deleteGroups: async () => [],
    fetchTopicMetadata: async () => ({ topics: [{ partitions: [{ partitionId: 0, leader: 1 }] }] }),
    fetchTopicOffsets: async () => offsets,
  };
  const consumer = ({ retry }: ConsumerConfig) => ({
    events: { GROUP_JOIN: 'join', CRASH: 'crash', FETCH: 'fetch', END_BATCH_PROCESS: 'end' },
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
      for (let fetched = 0; fetched < 30; fetched += 1) {
        listeners.get('fetch')!({ payload: FETCH });
        if (!isTrimmed) listeners.get('end')!({ payload: { partition: 0, lastOffset: String(fetched) } });
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (isTrimmed) return;
      const batch = { partition: 0, messages: [{ offset: '30', value: Buffer.from('v'), headers: {} }] };
      await eachBatch!({ batch, heartbeat: async () => undefined } as never);
    },
  });
  return { admin: () => admin, consumer } as unknown as Kafka;
}

const refusal = (type: string) => Object.assign(new Error(type), { type });
const loading = refusal('GROUP_LOAD_IN_PROGRESS');

describe('readTopicToEnd', () => {
  async function read(errors: readonly Error[], isTrimmed = false) {
    const values: string[] = [];
    await readTopicToEnd(
      fakeKafka(errors, isTrimmed),
      'some.topic',
      { groupPrefix: 'test' },
      (message) => void values.push(String(message.value)),
    );
    return values;
  }

  it('reads on behind any number of fetches that have aborted messages only', async () => {
    expect(await read([])).toEqual(['v']);
  });

  it('ends when fetches stay empty, because the rest was deleted', async () => {
    expect(await read([], true)).toEqual([]);
  });

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
