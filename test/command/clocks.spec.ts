import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AccountRepository,
  checkClocks,
  connectEventStore,
  readClocks,
  STREAM_PREFIX,
} from '#libs/event-store';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';
import { sent } from '../support/story.js';
import { RunningApp } from './support/running-app.js';

const AHEAD_MS = 20_000;

const MAIN = fileURLToPath(new URL('../../dist/libs/dev-servers/src/eventstore/main.js', import.meta.url));

type Store = Pick<Awaited<ReturnType<typeof startEventStore>>, 'addresses' | 'stop'>;

/** A development event store whose clock is ahead. It goes when the channel to it closes. */
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
    return await readClocks(client, now);
  } finally {
    await client.dispose();
  }
}

describe("the event store's clock", () => {
  let dir: string;
  let right: Store;
  let ahead: Store;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'clocks-'));
    [right, ahead] = await Promise.all([
      startEventStore({ dataDir: join(dir, 'right') }),
      startAhead(join(dir, 'ahead'), AHEAD_MS),
    ]);
  });

  afterAll(async () => {
    await Promise.all([right.stop(), ahead.stop()]);
    await rm(dir, { recursive: true });
  });

  it('fails every append when it is far ahead: this is what the comparison is for', async () => {
    const client = connectEventStore(ahead.addresses.url);
    const repository = new AccountRepository(client, { timeoutMs: 2_000, attempts: 2 });
    await expect(repository.append('anna', undefined, [sent(1)])).rejects.toThrow('deadline-exceeded');
    await client.dispose();
  });

  it('is compared without a skew where there is none', async () => {
    const reading = await clocksAt(right);
    expect(reading.skewMs).toBe(0);
    checkClocks(reading);
  });

  it.each([
    ['ahead', -AHEAD_MS, 1],
    ['behind', AHEAD_MS, -1],
  ])('is told to be %s of ours', async (_word, shift, sign) => {
    const reading = await clocksAt(right, () => Date.now() + shift);
    expect(reading.skewMs * sign).toBeGreaterThan(AHEAD_MS - 5_000);
    expect(reading.skewMs * sign).toBeLessThanOrEqual(AHEAD_MS);
    expect(() => checkClocks(reading)).toThrow('the clocks disagree by');
  });

  it('may be off by what appends stand', () => {
    const here = new Date();
    for (const skewMs of [5_000, -5_000]) checkClocks({ here, there: here, skewMs });
    for (const skewMs of [5_001, -5_001]) {
      expect(() => checkClocks({ here, there: here, skewMs })).toThrow('set the clocks');
    }
  });

  it('is read from a stream that is no account, and that keeps an hour', async () => {
    const client = connectEventStore(right.addresses.url);
    await readClocks(client, Date.now);
    const streams = new Set<string>();
    for await (const { event } of client.readAll()) streams.add(event!.streamId);
    expect([...streams].filter((name) => name.startsWith(STREAM_PREFIX))).toEqual([]);
    expect((await client.getStreamMetadata('invitations-clock')).metadata).toEqual({ maxAge: 3_600 });
    await client.dispose();
  });

  it('that is far ahead ends the app with 1 before it takes a command, and both times in the log', async () => {
    const app = await RunningApp.start({
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      EVENTSTORE_URL: ahead.addresses.url,
    });
    try {
      expect(await app.end).toBe(1);
      expect(app.output).toMatch(
        /the clocks disagree by \d+ ms, more than 5000: here it is 20.*Z, at the event store 20.*Z/,
      );
    } finally {
      await app.kill();
    }
  });
});
