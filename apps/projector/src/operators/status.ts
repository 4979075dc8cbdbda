import { setTimeout as sleep } from 'node:timers/promises';
import { readAccountLog } from '#libs/event-store';
import { lookAt, overview, type ProjectionOverview } from '#libs/projection';
import { withStore } from './tool.js';

/** Between the two looks that a rate is computed from. */
const LOOK_MS = 1_000;
/** Events of the log that are counted: a few seconds' reading. Whoever is further behind is "at least" so far. */
const LOG_EVENTS = 100_000;

export interface StatusOptions {
  readonly slices?: boolean;
  readonly json?: boolean;
}

export async function showStatus(
  projection: string | undefined,
  { slices = false, json = false }: StatusOptions,
  say: (line: string) => void,
): Promise<void> {
  const all = await withStore(async (pool, client) => {
    const first = await lookAt(pool);
    const since = performance.now();
    await sleep(LOOK_MS);
    const second = await lookAt(pool);
    const seconds = (performance.now() - since) / 1_000;
    const read: Parameters<typeof overview>[3] = (after, take) =>
      readAccountLog(client, after, LOG_EVENTS, take);
    const wanted = second.filter((look) => projection === undefined || look.projection === projection);
    // Each on its own: one that is far behind does not hide how the others stand.
    const each: ProjectionOverview[] = [];
    for (const look of wanted) each.push(await overview(first, look, seconds, read, () => new Date()));
    return each;
  });
  if (all.length === 0) {
    throw new Error(
      projection === undefined ? 'no projection has ever run' : `there is no projection ${projection}`,
    );
  }
  if (json) return say(JSON.stringify(all.map(asJson), null, 2));
  for (const line of table(all)) say(line);
  for (const one of all) {
    say(`\n${one.projection}: ${ownersOf(one)}`);
    if (slices) for (const line of slicesOf(one)) say(line);
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

function table(all: readonly ProjectionOverview[]): string[] {
  const rows = [
    HEADER,
    ...all.map((one) => [
      one.projection,
      String(one.generation),
      one.position?.commit.toString() ?? '-',
      `${one.isAtLeast ? '>= ' : ''}${one.lagEvents}`,
      one.lagSeconds.toFixed(1),
      one.eventsPerSecond.toFixed(0),
      String(Object.keys(one.slicesOf).length),
      `${held(one)}/${one.slices.length}`,
      String(one.parked),
    ]),
  ];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}

const held = ({ slicesOf: owners }: ProjectionOverview): number =>
  Object.values(owners).reduce((sum, count) => sum + count, 0);

function ownersOf({ slicesOf: owners }: ProjectionOverview): string {
  const each = Object.entries(owners).map(([owner, count]) => `${owner} has ${count} slices`);
  return each.length === 0 ? 'nobody works on it' : each.toSorted().join(', ');
}

const slicesOf = ({ slices }: ProjectionOverview): string[] =>
  slices.map(
    ({ slice, owner, position, epoch }) =>
      `  ${slice.toString(16).padStart(2, '0')}  ${owner ?? 'nobody'}  at ${position?.commit ?? '-'}  epoch ${epoch}`,
  );

/** Positions as text: they are 64 bit numbers. */
const asJson = ({ position, slices, slicesOf: owners, ...one }: ProjectionOverview) => ({
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
