import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { inboxProjection, sentProjection } from '#libs/read-models';
import { ProjectionHarness } from '../support/projection-harness.js';
import { Replicas } from './support/replicas.js';
import { faultsIn, recordSlices } from './support/slice-history.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { storm } from './support/storm.js';

const SECONDS = Number(process.env['STORM_SECONDS'] ?? 20);
const SEED = Number(process.env['STORM_SEED'] ?? Date.now() % 1_000_000);

let harness: ProjectionHarness;
let replicas: Replicas;

beforeAll(async () => {
  harness = await ProjectionHarness.open({ killsEventStore: true });
  await recordSlices(harness.pool);
});
afterAll(async () => {
  await replicas.killAll();
  await harness.close();
});

describe('replicas under random kills and pauses', () => {
  it(
    `write rows equal to the fold of the log, after ${SECONDS} s with STORM_SEED=${SEED}`,
    async () => {
      const counting = await harness.counting('stormy');
      const projections = [counting, inboxProjection, sentProjection];
      replicas = new Replicas(
        harness,
        projections.map(({ name }) => name),
      );
      const random = new SeededRandom(SEED);
      const disruptions = await storm(harness, replicas, SECONDS, () => random.next());
      const log = await harness.log();
      const { events } = log;
      for (const projection of projections) await harness.untilThere(projection, log, 180_000);

      // Independent of the projections' code: counts the events of the log.
      const perAccount = new Map<string, number>();
      for (const event of events) {
        const account = 'inviterId' in event ? event.inviterId : event.accountId;
        perAccount.set(account, (perAccount.get(account) ?? 0) + 1);
      }
      const { rows: counts } = await harness.pool.query<{ account: string; events: number }>(
        'SELECT account, events FROM test.stormy',
      );
      expect(counts.filter(({ account, events }) => perAccount.get(account) !== events).slice(0, 10)).toEqual(
        [],
      );
      expect(counts).toHaveLength(perAccount.size);
      for (const projection of [inboxProjection, sentProjection]) {
        const { rows, expected } = await harness.rows<object>(projection, log);
        // Jest's matcher would take minutes for this comparison.
        expect(rows.filter((row, n) => !isDeepStrictEqual(row, expected[n])).slice(0, 10)).toEqual([]);
        expect(rows).toHaveLength(expected.length);
      }
      const { rows: parked } = await harness.pool.query('SELECT * FROM read_models.parked_accounts');
      expect(parked).toEqual([]);

      const { moves, committers, faults } = await faultsIn(harness.pool);
      expect(faults.slice(0, 10)).toEqual([]);
      // Without kills and pauses the test would prove nothing.
      expect(disruptions.killed).toBeGreaterThan(0);
      expect(Math.min(disruptions.paused, disruptions.pausedInTransaction)).toBeGreaterThan(0);
      expect(disruptions.overtaken).toBeGreaterThan(0);
      expect(committers).toBeGreaterThan(2);
      console.log(JSON.stringify({ seed: SEED, ...disruptions, events: events.length, moves, committers }));
    },
    (SECONDS + 600) * 1_000,
  );
});
