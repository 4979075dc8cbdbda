import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { crc32c } from '../../../libs/kafka/src/protocol/record-primitives.js';
import { Reader } from '../../../libs/dev-servers/src/kafka/protocol/primitives.js';
import { Writer } from '../../../libs/dev-servers/src/kafka/protocol/primitives.js';
import type { Admin } from 'kafkajs';
import type { KafkaAccess } from './access.js';
import { untilCoordinated } from './coordinator.js';
import { Changing } from './changing.js';

const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

/** A connection that sends the exact bytes of a test, and reads one response for each request. */
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

  /** Connects to `host:port`, and logs in if the access has a login. */
  static async connect(broker: string, { caFile, login }: KafkaAccess = {}): Promise<RawClient> {
    const [host, port] = broker.split(':');
    const socket =
      caFile === undefined
        ? connect(Number(port), host)
        : connectTls({ host, port: Number(port), ca: readFileSync(caFile) });
    await once(socket, caFile === undefined ? 'connect' : 'secureConnect');
    const client = new RawClient(socket);
    if (login !== undefined) await client.logIn(login);
    return client;
  }

  private async logIn({ username, password }: NonNullable<KafkaAccess['login']>): Promise<void> {
    const handshake = await this.ask(SASL_HANDSHAKE, 1, (request) => request.string('PLAIN'));
    if (handshake.int16() !== 0) throw new Error('the broker does not offer PLAIN');
    const token = Buffer.from(`\0${username}\0${password}`);
    const answer = await this.ask(SASL_AUTHENTICATE, 1, (request) => request.bytes(token));
    if (answer.int16() !== 0) throw new Error(`the broker refused the login: ${answer.nullableString()}`);
  }

  /** Connects to the broker that leads partition 0 of a topic. */
  static async toLeaderOf(topic: string, admin: Admin, access?: KafkaAccess): Promise<RawClient> {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const leader = topics[0]!.partitions.find(({ partitionId }) => partitionId === 0)!.leader;
    const { brokers } = await admin.describeCluster();
    const { host, port } = brokers.find(({ nodeId }) => nodeId === leader)!;
    return RawClient.connect(`${host}:${port}`, access);
  }

  /** Connects to the broker that coordinates a group. */
  static async toCoordinatorOf(groupId: string, admin: Admin, access?: KafkaAccess): Promise<RawClient> {
    await untilCoordinated(groupId, admin);
    const { brokers } = await admin.describeCluster();
    const client = await RawClient.connect(`${brokers[0]!.host}:${brokers[0]!.port}`, access);
    const answer = await client.ask(10, 1, (request) => request.string(groupId).int8(0));
    answer.int32();
    answer.int16();
    answer.nullableString();
    answer.int32();
    const broker = `${answer.string()}:${answer.int32()}`;
    client.close();
    return RawClient.connect(broker, access);
  }

  /** Sends a request and returns its response without the correlation id. */
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

  /** Resolves when the other side has closed the connection. */
  async closed(): Promise<void> {
    await this.arrival.until(
      () => this.isClosed,
      () => 'the end of the connection',
    );
  }

  /**
   * Like `send`, but waits until the kernel has accepted all of it. Returns false if the connection is closed instead.
   */
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
  /** The name of a header without a value in every record. */
  readonly flag?: string;
  /** A false value for a field of the header. */
  readonly claimedCount?: number;
  /** The timestamp of every record, in milliseconds. */
  readonly timestamp?: bigint;
  readonly attributes?: number;
}

/** A batch of uncompressed records whose lengths fit into one byte. */
export function rawBatch({
  values,
  producerId = -1,
  epoch = -1,
  sequence = -1,
  flag,
  claimedCount,
  timestamp,
  attributes = 0,
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
    .int16(attributes)
    .int32(count - 1)
    .int64(now)
    .int64(now)
    .int64(producerId)
    .int16(epoch)
    .int32(sequence);
  const bytes = Buffer.concat([...batch.int32(count).frame().slice(1), records]);
  if (timestamp !== undefined) {
    bytes.writeBigInt64BE(timestamp, 27);
    bytes.writeBigInt64BE(timestamp, 35);
  }
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

const zigzag = (n: number) => n * 2;

/** The length of a null. */
const NULL = 1;

function rawRecord(value: string, offsetDelta: number, flag?: string): Buffer {
  const headers = flag === undefined ? [0] : [zigzag(1), zigzag(flag.length), ...Buffer.from(flag), NULL];
  const body = [0, 0, zigzag(offsetDelta), NULL, zigzag(value.length), ...Buffer.from(value), ...headers];
  return Buffer.from([zigzag(body.length), ...body]);
}

/** Produces to partition 0 with the version whose response names the wrong records, and returns their messages too. */
export async function produceExplained(client: RawClient, topic: string, batch: Buffer) {
  const answer = await client.ask(0, 8, (request) => {
    request.string(null).int16(-1).int32(30_000);
    request.array([topic], (name) => {
      request.string(name).array([batch], (records) => request.int32(0).bytes(records));
    });
  });
  const [outcome] = answer.array(() => {
    answer.string();
    return answer.array(() => {
      answer.int32();
      const error = answer.int16();
      answer.int64();
      answer.int64();
      answer.int64();
      const records = answer.array(() => ({ index: answer.int32(), message: answer.nullableString() }));
      return { error, records, message: answer.nullableString() };
    });
  });
  return outcome![0]!;
}

/** Produces to partition 0 and returns the error code and the base offset. */
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
