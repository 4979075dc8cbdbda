import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetch } from '../../libs/dev-servers/src/kafka/apis/fetch.js';
import { readFetch } from '../../libs/dev-servers/src/kafka/apis/fetch-request.js';
import { Reader } from '../../libs/dev-servers/src/kafka/protocol/reader.js';
import { Writer } from '../../libs/dev-servers/src/kafka/protocol/writer.js';
import { Topics } from '../../libs/dev-servers/src/kafka/storage/topics.js';
import { rawBatch } from '../contract/kafka/raw-client.js';

const LARGEST = 2 ** 31 - 1;

let dataDir: string;
let topics: Topics;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kafka-long-poll-'));
  topics = new Topics(dataDir);
  topics.create('t', 2, {});
});

afterEach(async () => {
  topics.close();
  await rm(dataDir, { recursive: true });
});

function body(minBytes: number, partitions: number[], maxBytes = LARGEST): Reader {
  const request = new Writer().int32(-1).int32(LARGEST).int32(minBytes).int32(maxBytes).int8(0);
  request.array(['t'], (topic) =>
    request.string(topic).array(partitions, (partition) => {
      request.int32(partition).int64(0).int32(LARGEST);
    }),
  );
  return new Reader(Buffer.concat(request.frame().slice(1)));
}

function ask(minBytes: number, partitions: number[], maxBytes = LARGEST) {
  const connection = new AbortController();
  const peer = { host: '/test', closed: connection.signal, pendingMembers: 0 };
  const reply = new Writer();
  const request = { version: 4, clientId: 'c', body: body(minBytes, partitions, maxBytes), peer };
  return { answered: Promise.resolve(fetch(topics).answer(request, reply)), reply, connection };
}

const watchers = () => [0, 1].map((partition) => topics.log('t', partition)!.watchers.size);

describe('a long poll', () => {
  it('waits on each of its partitions, and leaves nothing behind when its connection closes', async () => {
    const { answered, reply, connection } = ask(1, [0, 1]);
    expect(watchers()).toEqual([1, 1]);
    connection.abort();
    await answered;
    expect(watchers()).toEqual([0, 0]);
    expect(Buffer.concat(reply.frame())).toHaveLength(4);
  });

  it('waits on when there is less than it wants', async () => {
    const { answered, reply } = ask(150, [0, 1]);
    topics.log('t', 0)!.append(rawBatch({ values: ['a'] }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(watchers()).toEqual([1, 1]);
    topics.log('t', 1)!.append(rawBatch({ values: ['b'.repeat(50), 'b'.repeat(50)] }));
    await answered;
    expect(watchers()).toEqual([0, 0]);
    expect(Buffer.concat(reply.frame()).includes('b'.repeat(50))).toBe(true);
  });

  it('is given one batch that is larger than it asked for, and not one of each partition', async () => {
    topics.log('t', 0)!.append(rawBatch({ values: ['first'] }));
    topics.log('t', 1)!.append(rawBatch({ values: ['second'] }));
    const { answered, reply } = ask(1, [0, 1], 10);
    await answered;
    const given = Buffer.concat(reply.frame());
    expect([given.includes('first'), given.includes('second')]).toEqual([true, false]);
  });

  it('ends when its topic is deleted', async () => {
    const { answered } = ask(1, [0]);
    topics.delete('t');
    await expect(answered).resolves.toBeUndefined();
  });

  it('waits at most a minute, and for no more bytes than it would be given', () => {
    const { maxWaitMs, minBytes, maxBytes } = readFetch(4, body(LARGEST, [0]));
    expect(maxWaitMs).toBe(60_000);
    expect(minBytes).toBe(maxBytes);
    expect(maxBytes).toBe(57_671_680);
  });
});
