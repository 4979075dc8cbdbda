// Over 250 lines: one broker, and everything that a client can do to it.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ErrorCode } from '../../libs/dev-servers/src/kafka/protocol/error-codes.js';
import { frame, RawClient } from '../contract/kafka/raw-client.js';
import { untilClosed } from '../support/until-closed.js';
import { BrokerUnderControl } from './kafka-broker.js';
import { wellFormedRequests } from './kafka-requests.js';

const MIB = 1_048_576;
const API_VERSIONS = frame(18, 0, () => undefined);

let broker: BrokerUnderControl;
let bystander: RawClient;
let memoryBefore: number;

beforeAll(async () => {
  broker = await BrokerUnderControl.start();
  await broker.createTopic('t');
  bystander = await RawClient.connect(broker.address);
  await bystander.ask(18, 0, () => undefined);
  memoryBefore = memoryOf(broker.pid);
});

afterAll(async () => {
  bystander.close();
  await broker.remove();
});

/** The resident memory of a process in bytes, and the most that it has ever been where the system tells. */
function memoryOf(pid: number): number {
  if (process.platform !== 'linux') {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024;
  }
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1_024;
}

/** mulberry32: the same numbers from the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Says `bytes`, hangs up and waits until the broker has done so too. */
async function say(bytes: Buffer): Promise<void> {
  const [host, port] = broker.address.split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => socket.destroy());
  socket.end(bytes);
  await untilClosed(socket);
}

async function expectUndisturbed(): Promise<void> {
  expect((await bystander.ask(18, 0, () => undefined)).int16()).toBe(ErrorCode.NONE);
  const topic = `good-${Date.now()}`;
  await broker.createTopic(topic);
  await broker.send(topic, [{ value: 'still here' }]);
  expect(await broker.values(topic, 1, topic)).toEqual(['still here']);
}

/** A request whose length says something else than what follows. */
function announcing(length: number, bytes = API_VERSIONS): Buffer {
  const lying = Buffer.from(bytes);
  lying.writeInt32BE(length, 0);
  return lying;
}

const length = (bytes: number) => (request: { int32(value: number): unknown }) => void request.int32(bytes);

describe('a client that breaks the protocol', () => {
  it.each([
    ['a length of zero', announcing(0)],
    ['a negative length', announcing(-1)],
    ['a length beyond any request', announcing(2 ** 31 - 1)],
    ['a length beyond any of its kind', announcing(2 * MIB)],
    ['an API that is not there', frame(999, 0, () => undefined)],
    ['a version that is not there', frame(3, 99, () => undefined)],
    ['an array longer than the request', frame(3, 6, length(2 ** 31 - 1))],
    ['an array just longer than the request', frame(3, 6, length(1))],
    [
      'more elements than any request has',
      frame(3, 6, (request) => request.int32(300_000).bytes(Buffer.alloc(900_000))),
    ],
    ['a string longer than the request', frame(10, 0, (request) => request.int16(32_767))],
    ['a null where none may be', frame(10, 0, (request) => request.string(null))],
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
    ['nothing after its head', frame(1, 11, () => undefined)],
    ['the beginning of HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['the beginning of TLS', Buffer.from('16030100c8010000c40303', 'hex')],
  ])('by %s loses its connection', async (_, bytes) => {
    const client = await RawClient.connect(broker.address);
    client.send(bytes);
    await expect(client.answer()).rejects.toThrow('the connection was closed');
    await expectUndisturbed();
  });

  it('by joining again and again without coming back loses its connection', async () => {
    const client = await RawClient.connect(broker.address);
    const join = frame(11, 4, (request) => {
      request.string('g').int32(1_800_000).int32(1_000).string('').string('consumer');
      request.array(['range'], (name) => request.string(name).bytes(Buffer.alloc(0)));
    });
    client.send(Buffer.concat(Array.from({ length: 50 }, () => join)));
    await client.closed();
    // Nor do its ids hold up the next member.
    await broker.send('t', [{ value: 'joined' }]);
    expect(await broker.values('t', 1, 'g')).toEqual(['joined']);
  });

  it('is told of in one line', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kafka-hostile-'));
    const main = fileURLToPath(new URL('../../dist/libs/dev-servers/src/kafka/main.js', import.meta.url));
    const child = fork(main, [JSON.stringify({ dataDir })], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const said = text(child.stderr!);
    const [{ ready }] = (await once(child, 'message')) as [{ ready: { brokers: string } }];
    const client = await RawClient.connect(ready.brokers);
    client.send(announcing(-1, Buffer.concat([API_VERSIONS, API_VERSIONS])));
    await client.closed();
    child.disconnect();
    await once(child, 'exit');
    expect(await said).toMatch(
      /^development broker: closed the connection of 127\.0\.0\.1:\d+: a request of -1 bytes\n$/,
    );
    await rm(dataDir, { recursive: true });
  });
});

describe('a development broker', () => {
  it('outlives noise, and requests that were cut or spoiled', async () => {
    const seed = Date.now();
    const random = randomFrom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const noise = (bytes: number) => Buffer.from(Array.from({ length: bytes }, () => below(256)));
    const requests = wellFormedRequests('t');
    const spoil: ((request: Buffer) => Buffer)[] = [
      () => noise(below(300)),
      (request) => Buffer.concat([announcing(8 + below(5_000), request.subarray(0, 8)), noise(below(5_000))]),
      (request) => request.subarray(0, below(request.length)),
      (request) =>
        announcing(request.length - 4, Buffer.concat([request.subarray(0, 14), noise(request.length - 14)])),
      // A few bytes anywhere after the head, a boundary value in a place where a length may be.
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
      await Promise.all(requests.map((request) => say(spoil[below(spoil.length)]!(Buffer.from(request)))));
    }
    expect({ seed, gone: await Promise.race([broker.exited, Promise.resolve('no')]) }).toEqual({
      seed,
      gone: 'no',
    });
    await expectUndisturbed();
  });

  it('stops reading from a client that asks faster than it can be answered', async () => {
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
    // It is over when, for a while, no more of it was taken.
    for (let quiet = 0, before = taken; quiet < 300; before = taken) {
      await bystander.ask(18, 0, () => undefined);
      quiet = taken === before ? quiet + 1 : 0;
    }
    // Its backlog, and what the kernel keeps for both ends.
    expect(taken).toBeLessThan(40 * MIB);
    client.close();
    await flooding;
    await expectUndisturbed();
  });

  it('tells the same thing once to a client that asks for it many times', async () => {
    await broker.createTopic('wide', {}, 500);
    const client = await RawClient.connect(broker.address);
    const names = Array.from({ length: 15_000 }, () => 'wide');
    const answer = await client.ask(3, 6, (request) => {
      request.array(names, (name) => request.string(name)).boolean(false);
    });
    expect(answer.remaining).toBeLessThan(MIB);
    client.close();
  });

  it('makes no more partitions than it has room for', async () => {
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

  it('answers in order what comes in a heap, and what comes byte by byte', async () => {
    const client = await RawClient.connect(broker.address);
    const heap = 500;
    client.send(Buffer.concat(Array.from({ length: heap }, () => API_VERSIONS)));
    for (let i = 0; i < heap; i++) expect((await client.answer()).int16()).toBe(ErrorCode.NONE);
    for (const byte of API_VERSIONS) client.send(Buffer.from([byte]));
    expect((await client.answer()).int16()).toBe(ErrorCode.NONE);
    client.close();
  });

  it('tells a client that is newer than itself what it speaks', async () => {
    const client = await RawClient.connect(broker.address);
    const answer = await client.ask(18, 4, () => undefined);
    expect(answer.int16()).toBe(ErrorCode.UNSUPPORTED_VERSION);
    expect(answer.array(() => [answer.int16(), answer.int16(), answer.int16()])).toContainEqual([18, 0, 2]);
    client.close();
  });

  it('refuses transactions with an error and not by hanging up', async () => {
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
    await expectUndisturbed();
  });

  it('has not swollen from all this', () => {
    expect(memoryOf(broker.pid) - memoryBefore).toBeLessThan(150 * MIB);
  });
});
