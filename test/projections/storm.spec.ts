import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { inboxProjection, sentProjection } from '#libs/read-models';
import { ProjectionWorld } from '../integration/support/projection-world.js';
import { Replicas } from './support/replicas.js';
import { faultsIn, recordSlices } from './support/slice-history.js';
import { randomOf, storm } from './support/storm.js';

/** For servers to start and to end on a busy machine. */
const SECONDS = Number(process.env['STORM_SECONDS'] ?? 20);
const SEED = Number(process.env['STORM_SEED'] ?? Date.now() % 1_000_000);

let world: ProjectionWorld;
let replicas: Replicas;

beforeAll(async () => {
  world = await ProjectionWorld.open();
  await recordSlices(world.pool);
});
afterAll(async () => {
  await replicas.killAll();
  await world.close();
});

describe('a storm of kills and pauses', () => {
  it(
    `leaves rows equal to the fold of the log, after ${SECONDS} s with STORM_SEED=${SEED}`,
    async () => {
      const counting = await world.counting('stormy');
      const projections = [counting, inboxProjection, sentProjection];
      replicas = new Replicas(
        world,
        projections.map(({ name }) => name),
      );
      const weather = await storm(world, replicas, SECONDS, randomOf(SEED));
      const log = await world.log();
      const { events } = log;
      for (const projection of projections) await world.untilThere(projection, log, 180_000);

      // Not by any fold of ours: PostgreSQL counts events, this counts those of the log.
      const perAccount = new Map<string, number>();
      for (const event of events) {
        const account = 'inviterId' in event ? event.inviterId : event.accountId;
        perAccount.set(account, (perAccount.get(account) ?? 0) + 1);
      }
      const { rows: counts } = await world.pool.query<{ account: string; events: number }>(
        'SELECT account, events FROM test.stormy',
      );
      expect(counts.filter(({ account, events }) => perAccount.get(account) !== events).slice(0, 10)).toEqual(
        [],
      );
      expect(counts).toHaveLength(perAccount.size);
      for (const projection of [inboxProjection, sentProjection]) {
        const { rows, expected } = await world.rows<object>(projection, log);
        // The matcher takes minutes over what it compares in a second.
        expect(rows.filter((row, n) => !isDeepStrictEqual(row, expected[n])).slice(0, 10)).toEqual([]);
        expect(rows).toHaveLength(expected.length);
      }
      const { rows: parked } = await world.pool.query('SELECT * FROM read_models.parked_accounts');
      expect(parked).toEqual([]);

      const { moves, committers, faults } = await faultsIn(world.pool);
      expect(faults.slice(0, 10)).toEqual([]);
      // It has stormed: a calm would prove nothing.
      expect(weather.killed).toBeGreaterThan(0);
      expect(Math.min(weather.paused, weather.pausedInTransaction)).toBeGreaterThan(0);
      expect(weather.overtaken).toBeGreaterThan(0);
      expect(committers).toBeGreaterThan(2);
      console.log(JSON.stringify({ seed: SEED, ...weather, events: events.length, moves, committers }));
    },
    (SECONDS + 600) * 1_000,
  );
});
