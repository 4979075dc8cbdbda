import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  closeEventStore,
  AccountRepository,
  assertClockSkew,
  connectEventStore,
  measureClockSkew,
  STREAM_PREFIX,
} from '#libs/event-store';
import { startEventStoreProcess, type EventStoreProcess } from '../../support/event-store-process.js';
import { sent } from '../../support/story.js';
import { RunningApp } from './support/running-app.js';

const AHEAD_MS = 20_000;

const MAIN = fileURLToPath(new URL('../../../dist/libs/dev-servers/src/eventstore/main.js', import.meta.url));

type Store = Pick<EventStoreProcess, 'addresses' | 'stop'>;

/** A development event store whose clock is ahead. It ends when the channel to it closes. */
async function startAhead(dataDir: string, ms: number): Promise<Store> {
  const shift = `const now = Date.now; Date.now = () => now() + ${ms};`;
  const child = fork(MAIN, [JSON.stringify({ dataDir })], {
    execArgv: [`--import=data:text/javascript,${encodeURIComponent(shift)}`],
  });
  const [{ ready }] = (await once(child, 'message')) as [{ ready: Store['addresses'] }];
  return {
    addresses: ready,
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function clocksAt({ addresses }: Store, now = Date.now) {
  const client = connectEventStore(addresses.url);
  try {
    return await measureClockSkew(client, now);
  } finally {
    await closeEventStore(client);
  }
}

describe('clock skew between the app and the event store', () => {
  let dir: string;
  let right: Store;
  let ahead: Store;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'clocks-'));
    [right, ahead] = await Promise.all([
      startEventStoreProcess({ dataDir: join(dir, 'right') }),
      startAhead(join(dir, 'ahead'), AHEAD_MS),
    ]);
  });

  afterAll(async () => {
    await Promise.all([right.stop(), ahead.stop()]);
    await rm(dir, { recursive: true });
  });

  it('makes every append fail when the event store is far ahead', async () => {
    const client = connectEventStore(ahead.addresses.url);
    const repository = new AccountRepository(client, { timeoutMs: 2_000, attempts: 2 });
    await expect(repository.append('anna', undefined, [sent(1)])).rejects.toThrow('deadline-exceeded');
    await closeEventStore(client);
  });

  it('is zero for clocks that agree', async () => {
    const reading = await clocksAt(right);
    expect(reading.skewMs).toBe(0);
    assertClockSkew(reading);
  });

  it.each([
    ['ahead', -AHEAD_MS, 1],
    ['behind', AHEAD_MS, -1],
  ])('is measured when the event store is %s', async (_word, shift, sign) => {
    const reading = await clocksAt(right, () => Date.now() + shift);
    expect(reading.skewMs * sign).toBeGreaterThan(AHEAD_MS - 5_000);
    expect(reading.skewMs * sign).toBeLessThanOrEqual(AHEAD_MS);
    expect(() => assertClockSkew(reading)).toThrow('the clocks disagree by');
  });

  it('is accepted up to five seconds', () => {
    const now = new Date();
    for (const skewMs of [5_000, -5_000]) assertClockSkew({ localTime: now, serverTime: now, skewMs });
    for (const skewMs of [5_001, -5_001]) {
      expect(() => assertClockSkew({ localTime: now, serverTime: now, skewMs })).toThrow('set the clocks');
    }
  });

  it('is measured through a stream that is not an account and keeps its events for an hour', async () => {
    const client = connectEventStore(right.addresses.url);
    await measureClockSkew(client, Date.now);
    const streams = new Set<string>();
    for await (const { event } of client.readAll()) streams.add(event!.streamId);
    expect([...streams].filter((name) => name.startsWith(STREAM_PREFIX))).toEqual([]);
    expect((await client.getStreamMetadata('invitations-clock')).metadata).toEqual({ maxAge: 3_600 });
    await closeEventStore(client);
  });

  it('ends the app with exit code 1 before it reads a command, and logs both times', async () => {
    const app = await RunningApp.start({
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      EVENTSTORE_URL: ahead.addresses.url,
    });
    try {
      expect(await app.exited).toBe(1);
      expect(app.output).toMatch(
        /the clocks disagree by \d+ ms, more than 5000: here it is 20.*Z, at the event store 20.*Z/,
      );
    } finally {
      await app.kill();
    }
  });
});
