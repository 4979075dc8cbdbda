import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { crc32c } from '../../../libs/dev-servers/src/kafka/protocol/crc32c.js';
import { Reader } from '../../../libs/dev-servers/src/kafka/protocol/reader.js';
import { Writer } from '../../../libs/dev-servers/src/kafka/protocol/writer.js';
import type { Admin } from 'kafkajs';
import { Changing } from './changing.js';

/** A connection that says exactly what a test wants said, and reads one answer a request. */
export class RawClient {
  private readonly arrival = new Changing();
  private received = Buffer.alloc(0);
  private isClosed = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.arrival.changed();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.isClosed = true;
      this.arrival.changed();
    });
  }

  static async connect(broker: string): Promise<RawClient> {
    const [host, port] = broker.split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Connects to the broker that leads partition 0 of a topic. */
  static async toLeaderOf(topic: string, admin: Admin): Promise<RawClient> {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const leader = topics[0]!.partitions.find(({ partitionId }) => partitionId === 0)!.leader;
    const { brokers } = await admin.describeCluster();
    const { host, port } = brokers.find(({ nodeId }) => nodeId === leader)!;
    return RawClient.connect(`${host}:${port}`);
  }

  /** Connects to the broker that coordinates a group. */
  static async toCoordinatorOf(groupId: string, admin: Admin): Promise<RawClient> {
    // kafkajs asks until there is one, which a new cluster has to make ready first.
    await admin.describeGroups([groupId]);
    const { brokers } = await admin.describeCluster();
    const client = await RawClient.connect(`${brokers[0]!.host}:${brokers[0]!.port}`);
    const answer = await client.ask(10, 1, (request) => request.string(groupId).int8(0));
    answer.int32();
    answer.int16();
    answer.nullableString();
    answer.int32();
    const broker = `${answer.string()}:${answer.int32()}`;
    client.close();
    return RawClient.connect(broker);
  }

  /** Sends a request and gives its answer, without correlation id. */
  async ask(key: number, version: number, write: (request: Writer) => void): Promise<Reader> {
    this.send(frame(key, version, write));
    return this.answer();
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** @throws when the connection is closed instead */
  async answer(): Promise<Reader> {
    const end = () => 4 + this.received.readInt32BE(0);
    const isComplete = () => this.received.length >= 4 && this.received.length >= end();
    await this.arrival.until(
      () => isComplete() || this.isClosed,
      () => 'an answer',
    );
    if (!isComplete()) throw new Error('the connection was closed');
    const answer = new Reader(this.received.subarray(8, end()));
    this.received = this.received.subarray(end());
    return answer;
  }

  /** Settles when the other side has closed the connection. */
  async closed(): Promise<void> {
    await this.arrival.until(
      () => this.isClosed,
      () => 'the end of the connection',
    );
  }

  /** As `send`, and waits until the kernel has taken all of it; false when the connection is closed instead. */
  isSent(bytes: Buffer): Promise<boolean> {
    return new Promise((resolve) => this.socket.write(bytes, (error) => resolve(!error)));
  }

  close(): void {
    this.socket.destroy();
  }
}

export function frame(key: number, version: number, write: (request: Writer) => void): Buffer {
  const request = new Writer().int16(key).int16(version).int32(1).string('raw');
  write(request);
  return Buffer.concat(request.frame());
}

export interface RawBatch {
  readonly producerId?: number;
  readonly epoch?: number;
  readonly sequence?: number;
  readonly values: readonly string[];
  /** Of every record, the name of a header without a value. */
  readonly flag?: string;
  /** What the header says, when it lies. */
  readonly claimedCount?: number;
}

/** A batch of uncompressed records, short enough for lengths of one byte. */
export function rawBatch({
  values,
  producerId = -1,
  epoch = -1,
  sequence = -1,
  flag,
  claimedCount,
}: RawBatch): Buffer {
  const count = claimedCount ?? values.length;
  const records = Buffer.concat(values.map((value, n) => rawRecord(value, n, flag)));
  const now = Date.now();
  const batch = new Writer()
    .int64(0)
    .int32(49 + records.length)
    .int32(-1)
    .int8(2)
    .int32(0);
  batch
    .int16(0)
    .int32(count - 1)
    .int64(now)
    .int64(now)
    .int64(producerId)
    .int16(epoch)
    .int32(sequence);
  const bytes = Buffer.concat([...batch.int32(count).frame().slice(1), records]);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

const zigzag = (n: number) => n * 2;

/** As a length, that of nothing. */
const NULL = 1;

function rawRecord(value: string, offsetDelta: number, flag?: string): Buffer {
  const headers = flag === undefined ? [0] : [zigzag(1), zigzag(flag.length), ...Buffer.from(flag), NULL];
  const body = [0, 0, zigzag(offsetDelta), NULL, zigzag(value.length), ...Buffer.from(value), ...headers];
  return Buffer.from([zigzag(body.length), ...body]);
}

/** Produces to partition 0 and gives the error code and the base offset. */
export async function produceRaw(
  client: RawClient,
  topic: string,
  batch: Buffer,
  transactionalId: string | null = null,
) {
  const answer = await client.ask(0, 3, (request) => {
    request.string(transactionalId).int16(-1).int32(30_000);
    request.array([topic], (name) => {
      request.string(name).array([batch], (records) => request.int32(0).bytes(records));
    });
  });
  const [outcome] = answer.array(() => {
    answer.string();
    return answer.array(() => {
      answer.int32();
      const partition = { error: answer.int16(), baseOffset: answer.int64() };
      answer.int64();
      return partition;
    });
  });
  return outcome![0]!;
}
