import { hideAborted, type AbortedTransaction } from './aborted-transactions.js';
import { createFetchBudget, decodeBatches } from './record-batch-decoder.js';
import type { FetchedRecord } from './record.js';

/** The versions of the Fetch API that are decoded here: https://kafka.apache.org/protocol#The_Messages_Fetch */
export const FETCH_VERSIONS = { lowest: 4, highest: 11 } as const;

export interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime?: number;
  readonly errorCode?: number;
  readonly sessionId?: number;
  readonly responses: {
    readonly topicName: string;
    readonly partitions: FetchedPartition[];
  }[];
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset?: string;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly preferredReadReplica?: number;
  readonly messages: FetchedRecord[];
}

/** The offset that the request asked for in a partition. */
type FindFetchOffset = (topic: string, partition: number) => bigint;

/** Decodes a response into the shape that kafkajs expects, with FetchedRecords as its messages. */
export async function decodeFetchResponse(
  version: number,
  bytes: Buffer,
  findFetchOffset: FindFetchOffset,
): Promise<FetchResponse> {
  const reader = new ResponseReader(bytes);
  const budget = createFetchBudget();
  const throttleTime = reader.int32();
  const session = version >= 7 ? { errorCode: reader.int16(), sessionId: reader.int32() } : {};
  const responses: FetchResponse['responses'] = [];
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topicName = reader.string();
    const partitions: FetchedPartition[] = [];
    for (let left = reader.int32(); left > 0; left -= 1) {
      const partition = reader.int32();
      const errorCode = reader.int16();
      const highWatermark = reader.int64();
      const lastStableOffset = String(reader.int64());
      const logStart = version >= 5 ? { lastStartOffset: String(reader.int64()) } : {};
      const abortedTransactions: AbortedTransaction[] = [];
      for (let aborted = reader.int32(); aborted > 0; aborted -= 1) {
        abortedTransactions.push({ producerId: String(reader.int64()), firstOffset: String(reader.int64()) });
      }
      const replica = version >= 11 ? { preferredReadReplica: reader.int32() } : {};
      const range = { fetchOffset: findFetchOffset(topicName, partition), highWatermark };
      partitions.push({
        partition,
        errorCode,
        highWatermark: String(highWatermark),
        lastStableOffset,
        ...logStart,
        abortedTransactions,
        ...replica,
        messages: hideAborted(await decodeBatches(reader.bytes(), range, budget), abortedTransactions),
      });
    }
    responses.push({ topicName, partitions });
  }
  // Since version 8 the client waits, not the broker. kafkajs waits for clientSideThrottleTime if throttleTime is 0.
  const throttle =
    version >= 8 ? { throttleTime: 0, clientSideThrottleTime: throttleTime } : { throttleTime };
  return { ...throttle, ...session, responses };
}

/** Reads the primitive types of Kafka's protocol, in versions without tagged fields. Throws where the response ends early. */
class ResponseReader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  int16(): number {
    return this.buffer.readInt16BE(this.advance(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.advance(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.advance(8));
  }

  string(): string {
    const length = this.int16();
    return this.buffer.toString('utf8', this.advance(length), this.at);
  }

  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    return this.buffer.subarray(this.advance(length), this.at);
  }

  private advance(length: number): number {
    const from = this.at;
    if (length < 0 || from + length > this.buffer.length) throw new Error('a fetch response ends early');
    this.at = from + length;
    return from;
  }
}
