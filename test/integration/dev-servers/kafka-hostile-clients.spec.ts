// Over 250 lines: all attacks of a client on one broker.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ErrorCode } from '../../../libs/dev-servers/src/kafka/protocol/error-codes.js';
import { frame, RawClient } from '../../contract/kafka/raw-client.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { untilClosed } from '../../support/until-closed.js';
import { BrokerHarness } from './broker-harness.js';
import { wellFormedRequests } from './kafka-requests.js';
import { serverMain } from './server-main.js';

const MIB = 1_048_576;
const API_VERSIONS = frame(18, 0, () => undefined);

let broker: BrokerHarness;
let bystander: RawClient;
let memoryBefore: number;

beforeAll(async () => {
  broker = await BrokerHarness.start();
  await broker.createTopic('t');
  bystander = await RawClient.connect(broker.address);
  await bystander.ask(18, 0, () => undefined);
  memoryBefore = memoryOf(broker.pid);
});

afterAll(async () => {
  bystander.close();
  await broker.remove();
});

/** The resident memory of a process in bytes; on Linux, its maximum so far. */
function memoryOf(pid: number): number {
  if (process.platform !== 'linux') {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024;
  }
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1_024;
}

/** Sends `bytes`, half-closes, and waits until the broker has closed the connection, too. */
async function sendAndClose(bytes: Buffer): Promise<void> {
  const [host, port] = broker.address.split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => socket.destroy());
  socket.end(bytes);
  await untilClosed(socket);
}

async function expectServing(): Promise<void> {
  expect((await bystander.ask(18, 0, () => undefined)).int16()).toBe(ErrorCode.NONE);
  const topic = `good-${Date.now()}`;
  await broker.createTopic(topic);
  await broker.send(topic, [{ value: 'still here' }]);
  expect(await broker.values(topic, 1, topic)).toEqual(['still here']);
}

/** A request with a wrong length prefix. */
function withLength(length: number, bytes = API_VERSIONS): Buffer {
  const request = Buffer.from(bytes);
  request.writeInt32BE(length, 0);
  return request;
}

const length = (bytes: number) => (request: { int32(value: number): unknown }) => void request.int32(bytes);

describe('development broker with a client that violates the protocol', () => {
  it.each([
    ['a length of zero', withLength(0)],
    ['a negative length', withLength(-1)],
    ['a length above that of any request', withLength(2 ** 31 - 1)],
    ['a length above the limit of its API', withLength(2 * MIB)],
    ['an unknown API', frame(999, 0, () => undefined)],
    ['an unknown version', frame(3, 99, () => undefined)],
    ['an array longer than the request', frame(3, 6, length(2 ** 31 - 1))],
    ['an array just longer than the request', frame(3, 6, length(1))],
    [
      'more elements than any request has',
      frame(3, 6, (request) => request.int32(300_000).bytes(Buffer.alloc(900_000))),
    ],
    ['a string longer than the request', frame(10, 0, (request) => request.int16(32_767))],
    ['a null where none is allowed', frame(10, 0, (request) => request.string(null))],
    [
      'bytes longer than the request',
      frame(0, 3, (request) => {
        request
          .string(null)
          .int16(1)
          .int32(1)
          .int32(1)
          .string('t')
          .int32(1)
          .int32(0)
          .int32(2 ** 31 - 1);
      }),
    ],
    ['nothing after the request header', frame(1, 11, () => undefined)],
    ['the beginning of HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['the beginning of TLS', Buffer.from('16030100c8010000c40303', 'hex')],
  ])('closes the connection of a client that sends %s', async (_, bytes) => {
    const client = await RawClient.connect(broker.address);
    client.send(bytes);
    await expect(client.answer()).rejects.toThrow('the connection was closed');
    await expectServing();
  });

  it('closes the connection of a client with too many unfinished joins', async () => {
    const client = await RawClient.connect(broker.address);
    const join = frame(11, 4, (request) => {
      request.string('g').int32(1_800_000).int32(1_000).string('').string('consumer');
      request.array(['range'], (name) => request.string(name).bytes(Buffer.alloc(0)));
    });
    client.send(Buffer.concat(Array.from({ length: 50 }, () => join)));
    await client.closed();
    // Its pending member ids do not delay the next member.
    await broker.send('t', [{ value: 'joined' }]);
    expect(await broker.values('t', 1, 'g')).toEqual(['joined']);
  });

  it('logs one line for the connection that it closes', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kafka-hostile-'));
    const child = fork(serverMain('kafka'), [JSON.stringify({ dataDir })], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const stderr = text(child.stderr!);
    const [{ ready }] = (await once(child, 'message')) as [{ ready: { brokers: string } }];
    const client = await RawClient.connect(ready.brokers);
    client.send(withLength(-1, Buffer.concat([API_VERSIONS, API_VERSIONS])));
    await client.closed();
    child.disconnect();
    await once(child, 'exit');
    expect(await stderr).toMatch(
      /^development broker: closed the connection of 127\.0\.0\.1:\d+: a request announces -1 bytes\n$/,
    );
    await rm(dataDir, { recursive: true });
  });
});

describe('development broker with hostile clients', () => {
  it('survives noise and truncated or corrupt requests', async () => {
    const seed = Date.now();
    const random = new SeededRandom(seed);
    const below = (limit: number) => random.below(limit);
    const noise = (bytes: number) => Buffer.from(Array.from({ length: bytes }, () => below(256)));
    const requests = wellFormedRequests('t');
    const corrupt: ((request: Buffer) => Buffer)[] = [
      () => noise(below(300)),
      (request) => Buffer.concat([withLength(8 + below(5_000), request.subarray(0, 8)), noise(below(5_000))]),
      (request) => request.subarray(0, below(request.length)),
      (request) =>
        withLength(request.length - 4, Buffer.concat([request.subarray(0, 14), noise(request.length - 14)])),
      // Random bytes anywhere after the request header; a boundary value where a length may be.
      ...Array<(request: Buffer) => Buffer>(6).fill((request) => {
        for (let i = 0; i <= below(4); i++) request.writeUInt8(below(256), 8 + below(request.length - 8));
        return request;
      }),
      ...Array<(request: Buffer) => Buffer>(4).fill((request) => {
        const values = [-1, 0, 1, 127, 32_767, 65_535, 2 ** 24, 2 ** 31 - 1, -(2 ** 31)];
        request.writeInt32BE(values[below(values.length)]!, 8 + below(request.length - 12));
        return request;
      }),
    ];
    for (let round = 0; round < 60; round++) {
      await Promise.all(
        requests.map((request) => sendAndClose(corrupt[below(corrupt.length)]!(Buffer.from(request)))),
      );
    }
    expect({ seed, exited: await Promise.race([broker.exited, Promise.resolve('no')]) }).toEqual({
      seed,
      exited: 'no',
    });
    await expectServing();
  });

  it('stops reading from a client that sends requests faster than it handles them', async () => {
    const client = await RawClient.connect(broker.address);
    const waiting = frame(1, 4, (request) => {
      request
        .int32(-1)
        .int32(2 ** 31 - 1)
        .int32(2 ** 31 - 1)
        .int32(2 ** 31 - 1)
        .int8(0);
      request.array(['t'], (name) =>
        request.string(name).array([0], (partition) => request.int32(partition).int64(0).int32(1_000)),
      );
    });
    const flood = Buffer.concat(
      Array.from({ length: 10 }, () => frame(3, 6, (r) => r.int32(0).string('x'.repeat(30_000)))),
    );
    client.send(waiting);
    let taken = 0;
    const flooding = (async () => {
      while (taken < 100 * MIB && (await client.isSent(flood))) taken += flood.length;
    })();
    // The broker has stopped reading when it takes nothing during 300 requests of another client.
    for (let quiet = 0, before = taken; quiet < 300; before = taken) {
      await bystander.ask(18, 0, () => undefined);
      quiet = taken === before ? quiet + 1 : 0;
    }
    // The backlog, and the socket buffers of both ends.
    expect(taken).toBeLessThan(40 * MIB);
    client.close();
    await flooding;
    await expectServing();
  });

  it('returns a topic once to a client that names it many times', async () => {
    await broker.createTopic('wide', {}, 500);
    const client = await RawClient.connect(broker.address);
    const names = Array.from({ length: 15_000 }, () => 'wide');
    const answer = await client.ask(3, 6, (request) => {
      request.array(names, (name) => request.string(name)).boolean(false);
    });
    expect(answer.remaining).toBeLessThan(MIB);
    client.close();
  });

  it('rejects topics and partitions beyond its limit', async () => {
    const admin = broker.client.admin();
    const boundless = { topic: 'boundless', numPartitions: 2 ** 31 - 1 };
    await expect(admin.createTopics({ topics: [boundless] })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_PARTITIONS' }],
    });
    await expect(
      admin.createPartitions({ topicPartitions: [{ topic: 't', count: 2 ** 31 - 1 }] }),
    ).rejects.toMatchObject({ type: 'INVALID_PARTITIONS' });
    await admin.disconnect();
  });

  it('responds in order to requests that arrive together or byte by byte', async () => {
    const client = await RawClient.connect(broker.address);
    const count = 500;
    client.send(Buffer.concat(Array.from({ length: count }, () => API_VERSIONS)));
    for (let i = 0; i < count; i++) expect((await client.answer()).int16()).toBe(ErrorCode.NONE);
    for (const byte of API_VERSIONS) client.send(Buffer.from([byte]));
    expect((await client.answer()).int16()).toBe(ErrorCode.NONE);
    client.close();
  });

  it('lists its versions for a client that asks with a newer version', async () => {
    const client = await RawClient.connect(broker.address);
    const answer = await client.ask(18, 4, () => undefined);
    expect(answer.int16()).toBe(ErrorCode.UNSUPPORTED_VERSION);
    expect(answer.array(() => [answer.int16(), answer.int16(), answer.int16()])).toContainEqual([18, 0, 2]);
    client.close();
  });

  it('rejects transactions with an error and keeps the connection open', async () => {
    const producer = broker.client.producer({
      transactionalId: 'x',
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    await expect(producer.transaction()).rejects.toMatchObject({
      type: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    });
    await producer.disconnect();
    await expectServing();
  });

  it('uses little more memory after all these requests', () => {
    expect(memoryOf(broker.pid) - memoryBefore).toBeLessThan(150 * MIB);
  });
});
