import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetch } from '../../../libs/dev-servers/src/kafka/apis/fetch.js';
import { readFetch } from '../../../libs/dev-servers/src/kafka/apis/fetch.js';
import { Reader } from '../../../libs/dev-servers/src/kafka/protocol/primitives.js';
import { Writer } from '../../../libs/dev-servers/src/kafka/protocol/primitives.js';
import { Topics } from '../../../libs/dev-servers/src/kafka/storage/topics.js';
import { rawBatch } from '../../contract/kafka/raw-client.js';

const MAX_INT32 = 2 ** 31 - 1;

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

function fetchBody(minBytes: number, partitions: number[], maxBytes = MAX_INT32): Reader {
  const request = new Writer().int32(-1).int32(MAX_INT32).int32(minBytes).int32(maxBytes).int8(0);
  request.array(['t'], (topic) =>
    request.string(topic).array(partitions, (partition) => {
      request.int32(partition).int64(0).int32(MAX_INT32);
    }),
  );
  return new Reader(Buffer.concat(request.frame().slice(1)));
}

function startFetch(minBytes: number, partitions: number[], maxBytes = MAX_INT32) {
  const connection = new AbortController();
  const peer = { host: '/test', closed: connection.signal, pendingMembers: 0 };
  const response = new Writer();
  const request = { version: 4, clientId: 'c', body: fetchBody(minBytes, partitions, maxBytes), peer };
  return { handled: Promise.resolve(fetch(topics).handle(request, response)), response, connection };
}

const listenerCounts = () => [0, 1].map((partition) => topics.log('t', partition)!.listeners.size);

describe('Fetch that waits (long poll)', () => {
  it('listens to each partition and removes its listeners when the connection closes', async () => {
    const { handled, response, connection } = startFetch(1, [0, 1]);
    expect(listenerCounts()).toEqual([1, 1]);
    connection.abort();
    await handled;
    expect(listenerCounts()).toEqual([0, 0]);
    expect(Buffer.concat(response.frame())).toHaveLength(4);
  });

  it('keeps waiting while there are fewer bytes than requested', async () => {
    const { handled, response } = startFetch(150, [0, 1]);
    topics.log('t', 0)!.append(rawBatch({ values: ['a'] }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(listenerCounts()).toEqual([1, 1]);
    topics.log('t', 1)!.append(rawBatch({ values: ['b'.repeat(50), 'b'.repeat(50)] }));
    await handled;
    expect(listenerCounts()).toEqual([0, 0]);
    expect(Buffer.concat(response.frame()).includes('b'.repeat(50))).toBe(true);
  });

  it('returns one batch above the limit, but not one of each partition', async () => {
    topics.log('t', 0)!.append(rawBatch({ values: ['first'] }));
    topics.log('t', 1)!.append(rawBatch({ values: ['second'] }));
    const { handled, response } = startFetch(1, [0, 1], 10);
    await handled;
    const bytes = Buffer.concat(response.frame());
    expect([bytes.includes('first'), bytes.includes('second')]).toEqual([true, false]);
  });

  it('ends a waiting fetch when its topic is deleted', async () => {
    const { handled } = startFetch(1, [0]);
    topics.delete('t');
    await expect(handled).resolves.toBeUndefined();
  });

  it('limits the wait to a minute and the minimum bytes to the maximum bytes', () => {
    const { maxWaitMs, minBytes, maxBytes } = readFetch(4, fetchBody(MAX_INT32, [0]));
    expect(maxWaitMs).toBe(60_000);
    expect(minBytes).toBe(maxBytes);
    expect(maxBytes).toBe(57_671_680);
  });
});
