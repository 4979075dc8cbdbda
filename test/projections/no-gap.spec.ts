import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveGeneration, rebuild, switchTo } from '#libs/projection';
import { ProjectionWorld, type CountRow } from '../integration/support/projection-world.js';
import { siteOf } from './support/rebuilds.js';

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
});
afterAll(() => world.close());

describe('queries while generations come and go under live load', () => {
  it('are never without rows, and never see an account go back', async () => {
    const counting = await world.counting('seen');
    world.work(counting);
    world.work(counting);
    await world.happen('seen', 20);
    await world.untilThere(counting);

    const over = new AbortController();
    const { signal } = over;
    let appended = 0;
    const writing = (async () => {
      for (; !signal.aborted; appended += 1) {
        await world.appendMore(`seen-${appended % 20}`, 1);
        if (appended % 10 === 9) await world.happen(`more-${appended}`, 1);
        await sleep(2);
      }
    })();
    let reads = 0;
    const faults: string[] = [];
    const reading = (async () => {
      const last = new Map<string, number>();
      for (; !signal.aborted; reads += 1) {
        const { rows } = await world.pool.query<CountRow>('SELECT * FROM test.seen');
        const now = new Map(rows.map(({ account, events }) => [account, events]));
        for (const [account, events] of last) {
          const is = now.get(account) ?? 0;
          if (is < events) faults.push(`${account}: ${events}, then ${is}`);
        }
        for (const [account, events] of now) last.set(account, events);
      }
    })();

    const agreed: boolean[] = [];
    const { site, consent } = siteOf(world, counting);
    const shows = consent({ showDifferences: ({ agree }) => void agreed.push(agree) });
    try {
      for (let n = 0; n < 3; n += 1) {
        const { live, next } = await rebuild(site, false, shows);
        expect(await liveGeneration(world.pool, 'seen')).toBe(next);
        await sleep(300);
        await switchTo(site, live, shows);
        await sleep(100);
        await switchTo(site, next, shows);
      }
    } finally {
      over.abort();
      await Promise.all([writing, reading]);
    }
    expect(faults.slice(0, 5)).toEqual([]);
    expect(agreed).toEqual([true, true, true]);
    expect(reads).toBeGreaterThan(100);
    expect(appended).toBeGreaterThan(100);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
  });
});
