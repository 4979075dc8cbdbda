import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { array, assert, asyncProperty, integer, record } from 'fast-check';
import { createLogger, createPool, type Pool } from '#libs/platform';
import { consumeToken, deleteFullBuckets, refundToken } from '#libs/rate-limits';
import { readModelMigrations } from '#libs/read-models';
import { costMs, fillMs, takeToken } from '../../../apps/api/src/rate-limits/token-bucket.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { START_MS } from './api-harness.js';

const NOON = Date.UTC(2026, 0, 1, 12);
const RATE = { count: 3, periodMs: 60_000 };
const bucket = (name: string, rate = RATE) => ({ name, costMs: costMs(rate), fillMs: fillMs(rate) });

let server: TestPostgres;
let db: Pool;

beforeAll(async () => {
  const logger = createLogger('test', 'silent');
  server = await openTestPostgres(readModelMigrations);
  db = createPool({ url: server.url, app: 'test' }, logger);
}, START_MS);
afterAll(async () => {
  await db.end();
  await server.stop();
});

describe('a token bucket in PostgreSQL', () => {
  it('behaves like the bucket in memory for all rates and times', async () => {
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
          const inMemory = takeToken(rate, fullAt, now);
          const shared = await consumeToken(db, bucket(name, rate), new Date(now));
          expect(shared).toBe(inMemory.taken ? undefined : inMemory.retryAfterMs);
          if (inMemory.taken) fullAt = inMemory.fullAt;
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('is shared by concurrent takers and uses the database clock', async () => {
    const takings = await Promise.all(Array.from({ length: 20 }, () => consumeToken(db, bucket('all'))));
    expect(takings.filter((wait) => wait === undefined)).toHaveLength(3);
  });

  it('accepts a refund', async () => {
    const at = new Date(NOON);
    const one = bucket('back', { count: 1, periodMs: 60_000 });
    expect(await consumeToken(db, one, at)).toBeUndefined();
    expect(await consumeToken(db, one, at)).toBe(60_000);
    await refundToken(db, one);
    expect(await consumeToken(db, one, at)).toBeUndefined();
  });

  it('is deleted once it is full again, and not earlier', async () => {
    await db.query('DELETE FROM read_models.rate_limits');
    await consumeToken(db, bucket('old'), new Date(NOON));
    await consumeToken(db, bucket('young'), new Date(NOON + 30_000));
    await deleteFullBuckets(db, new Date(NOON + 40_000));
    const { rows } = await db.query('SELECT bucket FROM read_models.rate_limits');
    expect(rows).toEqual([{ bucket: 'young' }]);
  });
});
