import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLiveGeneration, rebuildProjection, switchGeneration } from '#libs/projection';
import { ProjectionHarness, type CountRow } from '../support/projection-harness.js';
import { createRebuild } from './support/rebuilds.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
});
afterAll(() => harness.close());

describe('queries during rebuilds and switches under load', () => {
  it('always find rows, and never see an earlier state of an account', async () => {
    const counting = await harness.counting('seen');
    harness.work(counting);
    harness.work(counting);
    await harness.happen('seen', 20);
    await harness.untilThere(counting);

    const over = new AbortController();
    const { signal } = over;
    let appended = 0;
    const writing = (async () => {
      for (; !signal.aborted; appended += 1) {
        await harness.appendMore(`seen-${appended % 20}`, 1);
        if (appended % 10 === 9) await harness.happen(`more-${appended}`, 1);
        await sleep(2);
      }
    })();
    let reads = 0;
    const faults: string[] = [];
    const reading = (async () => {
      const last = new Map<string, number>();
      for (; !signal.aborted; reads += 1) {
        const { rows } = await harness.pool.query<CountRow>('SELECT * FROM test.seen');
        const now = new Map(rows.map(({ account, events }) => [account, events]));
        for (const [account, events] of last) {
          const is = now.get(account) ?? 0;
          if (is < events) faults.push(`${account}: ${events}, then ${is}`);
        }
        for (const [account, events] of now) last.set(account, events);
      }
    })();

    const agreed: boolean[] = [];
    const { context, options } = createRebuild(harness, counting);
    const shows = options({ showDifferences: ({ agree }) => void agreed.push(agree) });
    try {
      for (let n = 0; n < 3; n += 1) {
        const { live, next } = await rebuildProjection(context, false, shows);
        expect(await readLiveGeneration(harness.pool, 'seen')).toBe(next);
        await sleep(300);
        await switchGeneration(context, live, shows);
        await sleep(100);
        await switchGeneration(context, next, shows);
      }
    } finally {
      over.abort();
      await Promise.all([writing, reading]);
    }
    expect(faults.slice(0, 5)).toEqual([]);
    expect(agreed).toEqual([true, true, true]);
    expect(reads).toBeGreaterThan(100);
    expect(appended).toBeGreaterThan(100);
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
  });
});
