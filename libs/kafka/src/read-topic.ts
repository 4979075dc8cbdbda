import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import { incoming, type Incoming } from './incoming.js';

export interface ReadTopicOptions {
  /** Only what was published at or after this time, in milliseconds; without it, from the beginning on. */
  readonly since?: number;
  /** Begins the name of the consumer group, which nobody else is in and which is deleted afterwards. */
  readonly groupPrefix: string;
}

interface Range {
  readonly partition: number;
  /** Node id of the broker that has it. */
  readonly leader: number;
  readonly from: bigint;
  /** The first offset that is not read any more. */
  readonly to: bigint;
}

/** What a broker holds back over so many fetches is not there any more: trimmed, or compacted away. */
const IDLE_FETCHES = 10;
const FETCH_MS = 100;

/**
 * Reads what a topic holds at the moment, by partition in order, and ends: nothing that is published meanwhile is
 * waited for. Commits nothing.
 * @param take may take its time: the next message comes when it is done, and what it throws ends the reading
 */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  { since, groupPrefix }: ReadTopicOptions,
  take: (message: Incoming) => void | Promise<void>,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ranges = await rangesOf(admin, topic, since);
    if (ranges.every(({ from, to }) => from >= to)) return;
    const groupId = `${groupPrefix}.${randomUUID()}`;
    const consumer = kafka.consumer({
      groupId,
      maxWaitTimeInMs: FETCH_MS,
      allowAutoTopicCreation: false,
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await read(consumer, topic, ranges, take);
    } finally {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => undefined); // An empty group goes by itself after a while.
    }
  } finally {
    await admin.disconnect();
  }
}

async function rangesOf(admin: Admin, topic: string, since: number | undefined): Promise<Range[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const leaders = new Map(topics[0]!.partitions.map(({ partitionId, leader }) => [partitionId, leader]));
  const begin = since === undefined ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, since);
  return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
    partition,
    leader: leaders.get(partition)!,
    from: BigInt(begin.find((one) => one.partition === partition)?.offset ?? low),
    to: BigInt(high),
  }));
}

async function read(
  consumer: Consumer,
  topic: string,
  ranges: readonly Range[],
  take: (message: Incoming) => void | Promise<void>,
): Promise<void> {
  const open = new Map(ranges.filter(({ from, to }) => from < to).map((range) => [range.partition, range]));
  const idleFetches = new Map<number, number>();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  // Before the first fetch: a group without offsets would begin at the beginning.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const { partition, from } of ranges) {
      consumer.seek({ topic, partition, offset: String(open.get(partition)?.from ?? from) });
    }
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  consumer.on(consumer.events.FETCH, ({ payload: { nodeId } }) => {
    idleFetches.set(nodeId, (idleFetches.get(nodeId) ?? 0) + 1);
    if ([...open.values()].every(({ leader }) => (idleFetches.get(leader) ?? 0) > IDLE_FETCHES)) resolve();
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async (payload) => {
      const { partition, messages } = payload.batch;
      idleFetches.clear();
      let range = open.get(partition);
      for (const message of messages) {
        const offset = BigInt(message.offset);
        if (range === undefined || offset < range.from || offset >= range.to) continue;
        try {
          await take(incoming(topic, partition, message));
        } catch (error) {
          open.clear();
          return reject(error);
        }
        range = { ...range, from: offset + 1n };
        open.set(partition, range);
        await payload.heartbeat();
      }
      if (range !== undefined && BigInt(messages.at(-1)!.offset) + 1n >= range.to) open.delete(partition);
      if (open.size === 0) resolve();
      await payload.heartbeat();
    },
  });
  await done;
}
