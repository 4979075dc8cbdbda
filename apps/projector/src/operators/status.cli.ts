import { setTimeout as sleep } from 'node:timers/promises';
import { formatTable } from '#libs/cli';
import { readAccountLog } from '#libs/event-store';
import { computeStatus, readSnapshots, type ProjectionStatus } from '#libs/projection';
import { withStore } from './connections.js';

/** Time between the two snapshots from which the rate is computed. */
const BETWEEN_SNAPSHOTS_MS = 1_000;
/** Events of the log that are read, which takes a few seconds. A larger lag is printed as "at least". */
const MAX_LOG_EVENTS = 100_000;

export interface StatusOptions {
  readonly slices?: boolean;
  readonly json?: boolean;
}

/** `projections status` */
export async function runStatus(
  projection: string | undefined,
  { slices = false, json = false }: StatusOptions,
  print: (line: string) => void,
): Promise<void> {
  const all = await withStore(async (pool, client) => {
    const first = await readSnapshots(pool);
    const startedAt = performance.now();
    await sleep(BETWEEN_SNAPSHOTS_MS);
    const second = await readSnapshots(pool);
    const seconds = (performance.now() - startedAt) / 1_000;
    const read: Parameters<typeof computeStatus>[3] = (after, onEvent) =>
      readAccountLog(client, after, MAX_LOG_EVENTS, onEvent);
    const selected = second.filter((one) => projection === undefined || one.projection === projection);
    // The log is read for each projection: one that is far behind must not hide the lag of the others.
    const statuses: ProjectionStatus[] = [];
    for (const snapshot of selected)
      statuses.push(await computeStatus(first, snapshot, seconds, read, () => new Date()));
    return statuses;
  });
  if (all.length === 0) {
    throw new Error(
      projection === undefined ? 'no projection has ever run' : `there is no projection ${projection}`,
    );
  }
  if (json) return print(JSON.stringify(all.map(asJson), null, 2));
  for (const line of formatTable([HEADER, ...all.map(toRow)], 'right')) print(line);
  for (const one of all) {
    print(`\n${one.projection}: ${formatOwners(one)}`);
    if (slices) for (const line of formatSlices(one)) print(line);
  }
}

const HEADER = [
  'projection',
  'generation',
  'position',
  'lag',
  'lag s',
  'events/s',
  'replicas',
  'slices',
  'parked',
];

const toRow = (one: ProjectionStatus): string[] => [
  one.projection,
  String(one.generation),
  one.position?.commit.toString() ?? '-',
  `${one.isAtLeast ? '>= ' : ''}${one.lagEvents}`,
  one.lagSeconds.toFixed(1),
  one.eventsPerSecond.toFixed(0),
  String(Object.keys(one.slicesByOwner).length),
  `${countOwned(one)}/${one.slices.length}`,
  String(one.parked),
];

const countOwned = ({ slicesByOwner: owners }: ProjectionStatus): number =>
  Object.values(owners).reduce((sum, count) => sum + count, 0);

function formatOwners({ slicesByOwner: owners }: ProjectionStatus): string {
  const each = Object.entries(owners).map(([owner, count]) => `${owner} has ${count} slices`);
  return each.length === 0 ? 'no worker owns a slice' : each.toSorted().join(', ');
}

const formatSlices = ({ slices }: ProjectionStatus): string[] =>
  slices.map(
    ({ slice, owner, position, epoch }) =>
      `  ${slice.toString(16).padStart(2, '0')}  ${owner ?? 'nobody'}  at ${position?.commit ?? '-'}  epoch ${epoch}`,
  );

/** Positions and epochs as text: they are 64-bit numbers. */
const asJson = ({ position, slices, slicesByOwner: owners, ...one }: ProjectionStatus) => ({
  ...one,
  position: position?.commit.toString() ?? null,
  replicas: owners,
  slices: slices.map(({ slice, owner, epoch, position: at, lastEventAt }) => ({
    slice,
    owner,
    epoch: epoch.toString(),
    position: at?.commit.toString() ?? null,
    lastEventAt,
  })),
});
