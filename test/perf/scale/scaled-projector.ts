import { setTimeout as sleep } from 'node:timers/promises';
import { BACKWARDS, END } from '@eventstore/db-client';
import { closeEventStore, connectEventStore, STREAM_PREFIX } from '#libs/event-store';
import { readLiveGeneration, readSlices } from '#libs/projection';
import { openBenchHarness, preload } from '../projections/bench-harness.js';
import { startProjector } from '../projections/candidates.js';
import { untilSlicesAreShared } from '../projections/replicas.js';
import { EVENTS_AN_ACCOUNT } from '../projections/workload.js';
import { replicasOf, type ScaledApp } from './scaled-app.js';

/** Longer than replicas are paused. */
const LEASE = 'PT20S';
/** Enough events at the end of the log to find the last one of each slice. */
const ENDS = 20_000;

/** The projector with the inbox only. */
export async function openProjector(): Promise<ScaledApp> {
  const harness = await openBenchHarness();
  const log = await harness.openLog(0);
  await harness.forgetInbox();
  const client = connectEventStore(log.url);

  /** Finds the position of the last event of each slice. */
  const findEnds = async (): Promise<ReadonlyMap<number, bigint>> => {
    const ends = new Map<number, bigint>();
    for await (const { event } of client.readAll({
      direction: BACKWARDS,
      fromPosition: END,
      maxCount: ENDS,
    })) {
      if (event?.streamId.startsWith(STREAM_PREFIX) !== true) continue;
      const slice = Number.parseInt(event.streamId.slice(STREAM_PREFIX.length), 16);
      if (!ends.has(slice)) ends.set(slice, event.position.commit);
    }
    return ends;
  };

  const isDone = async (ends: ReadonlyMap<number, bigint>): Promise<boolean> => {
    const slices = await readSlices(harness.db, 'inbox', await readLiveGeneration(harness.db, 'inbox'));
    return slices.every(({ slice, position }) => (position?.commit ?? -1n) >= (ends.get(slice) ?? -1n));
  };

  return {
    name: 'projector',
    unit: 'events',
    cores: 0.1,
    count: 50_000,
    start: (replicas) =>
      replicasOf(replicas, () =>
        startProjector(harness, log.url, harness.servers.postgres, { LEASE_TTL: LEASE }),
      ),
    untilShared: (replicas) => untilSlicesAreShared(harness, replicas),
    give: (run, count) =>
      preload(log.url, `scale${run}`, Math.ceil(count / EVENTS_AN_ACCOUNT) * EVENTS_AN_ACCOUNT),
    async untilDone() {
      const ends = await findEnds();
      while (!(await isDone(ends))) await sleep(20);
    },
    async stop() {
      await closeEventStore(client);
      await harness.stop();
    },
  };
}
