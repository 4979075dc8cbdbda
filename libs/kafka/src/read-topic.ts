import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, Kafka, KafkaJSProtocolError, KafkaMessage } from 'kafkajs';
import {
  toConsumedMessage,
  toUndecodableBatch,
  type ConsumedMessage,
  type UndecodableBatch,
} from './message.js';

export interface ReadTopicToEndOptions {
  /** Reads only messages with this timestamp or a later one, in milliseconds since 1970. */
  readonly since?: number;
  /**
   * The first offset to read, by partition. A partition without an entry is read from its beginning. Not to be combined
   * with `since`.
   */
  readonly from?: ReadonlyMap<number, bigint>;
  /** The prefix of the temporary consumer group, which is deleted afterwards. */
  readonly groupPrefix: string;
  /** Also reads the messages of aborted transactions, which the brokers keep although no consumer gets them. */
  readonly includesAborted?: boolean;
  /** Called for each batch that cannot be decoded. Such a batch is skipped. */
  readonly onUndecodableBatch?: (batch: UndecodableBatch) => void;
}

interface PartitionRange {
  readonly partition: number;
  /** Node id of the partition's leader. */
  readonly leader: number;
  readonly from: bigint;
  /** The first offset after the range. */
  readonly to: bigint;
}

/** After this many fetches without records, the rest of a range counts as deleted: by retention or by compaction. */
const MAX_EMPTY_FETCHES = 10;
const FETCH_WAIT_MS = 100;

/**
 * With these errors a new group cannot be joined while its coordinator moves or loads its log. kafkajs does not repeat the
 * request: it restarts the consumer after 0.3 s.
 */
const COORDINATOR_NOT_READY = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);
const MAX_RESTARTS = 50;

/**
 * Reads all messages that a topic has at the start of the call, partition by partition in order. Messages that are
 * published meanwhile are not waited for, nor are those behind a transaction that is still open; the brokers end one after
 * `transaction.max.timeout.ms`, 15 minutes by default. Commits nothing.
 * @param onMessage is awaited before the next message; an error that it throws ends the reading
 * @returns by partition, the offset at which the next reading has to continue
 * @throws when not all messages could be read; `onMessage` has then seen a part of them
 */
export async function readTopicToEnd(
  kafka: Kafka,
  topic: string,
  {
    since,
    from,
    groupPrefix,
    includesAborted = false,
    onUndecodableBatch = () => undefined,
  }: ReadTopicToEndOptions,
  onMessage: (message: ConsumedMessage) => void | Promise<void>,
): Promise<ReadonlyMap<number, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ranges = await fetchRanges(admin, topic, since, from);
    const ends = new Map(ranges.map(({ partition, to }) => [partition, to]));
    if (ranges.every(({ from: begin, to }) => begin >= to)) return ends;
    const groupId = `${groupPrefix}.${randomUUID()}`;
    let restarts = 0;
    const consumer = kafka.consumer({
      groupId,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      // A decoded message takes about ten times its bytes, and this may run beside an app's own work.
      maxBytes: 2 * 1024 * 1024,
      maxBytesPerPartition: 256 * 1024,
      allowAutoTopicCreation: false,
      readUncommitted: includesAborted,
      retry: {
        restartOnFailure: async (error) =>
          COORDINATOR_NOT_READY.has((error as KafkaJSProtocolError).type) && ++restarts <= MAX_RESTARTS,
      },
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumeRanges(consumer, topic, ranges, async (partition, message) => {
        const batch = toUndecodableBatch(topic, partition, message);
        if (batch === undefined) await onMessage(toConsumedMessage(topic, partition, message));
        else onUndecodableBatch(batch);
      });
    } finally {
      await consumer.disconnect();
      // If this fails, the brokers delete the empty group after a while.
      await admin.deleteGroups([groupId]).catch(() => undefined);
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
}

async function fetchRanges(
  admin: Admin,
  topic: string,
  since: number | undefined,
  from: ReadonlyMap<number, bigint> | undefined,
): Promise<PartitionRange[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const leaders = new Map(topics[0]!.partitions.map(({ partitionId, leader }) => [partitionId, leader]));
  const begin = since === undefined ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, since);
  return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
    partition,
    leader: leaders.get(partition)!,
    from: from?.get(partition) ?? BigInt(begin.find((one) => one.partition === partition)?.offset ?? low),
    to: BigInt(high),
  }));
}

async function consumeRanges(
  consumer: Consumer,
  topic: string,
  ranges: readonly PartitionRange[],
  onMessage: (partition: number, message: KafkaMessage) => Promise<void>,
): Promise<void> {
  const unfinished = new Map(
    ranges.filter(({ from, to }) => from < to).map((range) => [range.partition, range]),
  );
  const emptyFetches = new Map<string, number>();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  // The consumer may crash before `done` is awaited.
  done.catch(() => undefined);
  // Seek before the first fetch: a group without offsets would start at the beginning of the topic.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const { partition, from } of ranges) {
      consumer.seek({ topic, partition, offset: String(unfinished.get(partition)?.from ?? from) });
    }
  });
  /** The records below `next` were read, or no consumer gets them. */
  const advance = (partition: number, next: bigint) => {
    emptyFetches.clear();
    const range = unfinished.get(partition);
    if (range !== undefined && next >= range.to) unfinished.delete(partition);
    if (unfinished.size === 0) resolve();
  };
  // kafkajs calls no handler for a batch that has only markers and aborted messages, but emits this event.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) =>
    advance(partition, BigInt(lastOffset) + 1n),
  );
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) reject(payload.error);
  });
  consumer.on(consumer.events.FETCH, ({ payload: { nodeId } }) => {
    // Declared as a number, but a text: kafkajs takes it from the keys of an object.
    const node = String(nodeId);
    emptyFetches.set(node, (emptyFetches.get(node) ?? 0) + 1);
    const leaders = [...unfinished.values()].map(({ leader }) => String(leader));
    if (leaders.every((leader) => (emptyFetches.get(leader) ?? 0) > MAX_EMPTY_FETCHES)) resolve();
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async (payload) => {
      const { partition, messages } = payload.batch;
      emptyFetches.clear();
      let range = unfinished.get(partition);
      for (const message of messages) {
        const offset = BigInt(message.offset);
        if (range === undefined || offset < range.from || offset >= range.to) continue;
        try {
          await onMessage(partition, message);
        } catch (error) {
          unfinished.clear();
          return reject(error);
        }
        range = { ...range, from: offset + 1n };
        unfinished.set(partition, range);
        await payload.heartbeat();
      }
      advance(partition, BigInt(messages.at(-1)!.offset) + 1n);
      await payload.heartbeat();
    },
  });
  await done;
}
