import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { array, assert, asyncProperty, integer, record } from 'fast-check';
import { createLogger, createPool, migrate, type Pool } from '#libs/platform';
import {
  readModelMigrations,
  returnSharedToken,
  sweepSharedBuckets,
  takeSharedToken,
} from '#libs/read-models';
import { costMs, fillMs, take } from '../../apps/api/src/limits/bucket.js';
import { postgresUnderTest, type PostgresUnderTest } from '../support/postgres.js';
import { START_MS } from './api-under-test.js';

const NOON = Date.UTC(2026, 0, 1, 12);
const RATE = { count: 3, periodMs: 60_000 };
const bucket = (name: string, rate = RATE) => ({ name, costMs: costMs(rate), fillMs: fillMs(rate) });

let server: PostgresUnderTest;
let db: Pool;

beforeAll(async () => {
  const logger = createLogger('test', 'silent');
  server = await postgresUnderTest();
  db = createPool({ url: server.url, app: 'test' }, logger);
  await migrate(db, readModelMigrations, logger);
}, START_MS);
afterAll(async () => {
  await db.end();
  await server.stop();
});

describe('a bucket in PostgreSQL', () => {
  it('gives and refuses as the bucket in memory does, whatever the rate and the moments', async () => {
    let run = 0;
    const rates = record({
      count: integer({ min: 1, max: 9 }),
      periodMs: integer({ min: 9, max: 100_000 }),
    });
    const steps = array(integer({ min: -1_000, max: 40_000 }), { maxLength: 12 });
    await assert(
      asyncProperty(rates, steps, async (rate, waits) => {
        const name = `run ${(run += 1)}`;
        let [now, fullAt] = [NOON, undefined as number | undefined];
        for (const wait of waits) {
          now += wait;
          const inMemory = take(rate, fullAt, now);
          const shared = await takeSharedToken(db, bucket(name, rate), new Date(now));
          expect(shared).toBe(inMemory.taken ? undefined : inMemory.retryAfterMs);
          if (inMemory.taken) fullAt = inMemory.fullAt;
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('is one bucket for all who take from it at once, and by its own clock', async () => {
    const takings = await Promise.all(Array.from({ length: 20 }, () => takeSharedToken(db, bucket('all'))));
    expect(takings.filter((wait) => wait === undefined)).toHaveLength(3);
  });

  it('takes a token back', async () => {
    const at = new Date(NOON);
    const one = bucket('back', { count: 1, periodMs: 60_000 });
    expect(await takeSharedToken(db, one, at)).toBeUndefined();
    expect(await takeSharedToken(db, one, at)).toBe(60_000);
    await returnSharedToken(db, one);
    expect(await takeSharedToken(db, one, at)).toBeUndefined();
  });

  it('is forgotten once it is full again, and not before', async () => {
    await db.query('DELETE FROM read_models.rate_limits');
    await takeSharedToken(db, bucket('old'), new Date(NOON));
    await takeSharedToken(db, bucket('young'), new Date(NOON + 30_000));
    await sweepSharedBuckets(db, new Date(NOON + 40_000));
    const { rows } = await db.query('SELECT bucket FROM read_models.rate_limits');
    expect(rows).toEqual([{ bucket: 'young' }]);
  });
});
