import { randomUUID } from 'node:crypto';
import { AuthorTextOpener, readWrappingKeys } from '#libs/author-keys';
import { SLICES, type EventStoreDBClient } from '#libs/event-store';
import { loadConfig, type Pool } from '#libs/platform';
import {
  createEventLog,
  dropGeneration,
  listGenerations,
  RebuildRejectedError,
  rebuildProjection,
  resetProjection,
  switchGeneration,
  type Generation,
  type GenerationComparison,
  type GenerationPair,
  type RebuildContext,
  type RebuildOptions,
  type RowDifference,
} from '#libs/projection';
import { TextsConfig, withPool, withStore } from './connections.js';
import { createProgress, type Progress } from './progress.js';
import {
  findRebuildableProjection,
  MESSAGE_PROJECTIONS,
  type RebuildableProjection,
} from './rebuildable-projections.js';

type Print = (line: string) => void;

export interface ActivationOptions {
  readonly expectChanges?: boolean;
  readonly allowParked?: boolean;
  readonly showValues?: boolean;
}

/** `projections rebuild` */
export async function runRebuild(
  name: string,
  { fresh = false, ...options }: ActivationOptions & { readonly fresh?: boolean },
  print: Print,
): Promise<void> {
  await withRebuildContext(findRebuildableProjection(name), async (context, progress) => {
    const pair = await rebuildProjection(context, fresh, toRebuildOptions(options, progress, print));
    progress.end();
    print(describeActivation(name, pair));
  });
}

/** `projections switch` */
export async function runSwitch(
  name: string,
  generation: number,
  options: ActivationOptions,
  print: Print,
): Promise<void> {
  await withRebuildContext(findRebuildableProjection(name), async (context, progress) => {
    const pair = await switchGeneration(context, generation, toRebuildOptions(options, progress, print));
    progress.end();
    print(describeActivation(name, pair));
  });
}

const describeActivation = (name: string, { live, next }: GenerationPair) =>
  `generation ${next} of ${name} is live; to switch back: npm run projections -- switch ${name} ${live}`;

/** `projections drop` */
export async function runDrop(name: string, generation: number, print: Print): Promise<void> {
  const { projection } = findRebuildableProjection(name);
  await withPool((pool) => dropGeneration(pool, projection, generation));
  print(`generation ${generation} of ${name} was dropped`);
}

/** `projections generations` */
export async function runGenerations(name: string, isJson: boolean, print: Print): Promise<void> {
  const { projection } = findRebuildableProjection(name);
  const all = await withPool((pool) => listGenerations(pool, projection));
  if (isJson) return print(JSON.stringify(all.map(asJson)));
  if (all.length === 0) return print(`${name} has no generation yet: no worker has ever run`);
  for (const one of all) print(`${one.generation}  ${describeStatus(one)}`);
}

/** The JSON output keeps the names `construction` and `shown`: scripts of operators may read them. */
const asJson = ({ generation, isLive, status }: Generation) => ({
  generation,
  isLive,
  construction: status === 'activated' ? 'shown' : status,
});

function describeStatus({ isLive, status }: Generation): string {
  if (isLive) return 'live';
  if (status === 'building') return 'partially built: rebuild resumes it';
  return status === 'built' ? 'built, never live' : 'was live before';
}

/** What a projection of messages does about the events that are in the log. */
export interface ResetOptions {
  readonly atEnd?: boolean;
  readonly fromBeginning?: boolean;
}

const READ_TIMEOUT_MS = 30_000;

/**
 * `projections reset`
 * @throws RebuildRejectedError, before any projection is reset, if the options do not fit the kind of one of them
 */
export async function runReset(names: readonly string[], options: ResetOptions, print: Print): Promise<void> {
  const resets = names.map((name) => toReset(name, options));
  await withStore(async (pool, client) => {
    for (const reset of resets) print(await reset(pool, client));
  });
}

/** Resets one projection. @returns what its workers do next */
type Reset = (pool: Pool, client: EventStoreDBClient) => Promise<string>;

function toReset(name: string, { atEnd = false, fromBeginning = false }: ResetOptions): Reset {
  if (!MESSAGE_PROJECTIONS.includes(name)) {
    const { table } = findRebuildableProjection(name).projection;
    if (atEnd)
      throw new RebuildRejectedError(
        `the rows of ${name} are built from the whole log: --at-end is only for projections of messages`,
      );
    return async (pool) => {
      await resetProjection(pool, { name, table }, undefined);
      return `${name} has no rows now; its workers replay the log from the beginning`;
    };
  }
  if (atEnd === fromBeginning) {
    throw new RebuildRejectedError(
      `${name} sends messages: choose --at-end, to send none for the events in the log, or --from-beginning, to send all of them again`,
    );
  }
  return async (pool, client) => {
    await resetProjection(pool, { name, table: undefined }, atEnd ? await readEnd(client) : undefined);
    return atEnd
      ? `the workers of ${name} continue with events that are appended from now on`
      : `the workers of ${name} send messages for all events in the log again`;
  };
}

async function readEnd(client: EventStoreDBClient) {
  const slices = Array.from({ length: SLICES }, (_, slice) => slice);
  const { head } = await createEventLog(() => client).readTail(
    slices,
    undefined,
    AbortSignal.timeout(READ_TIMEOUT_MS),
  );
  return head;
}

const toRebuildOptions = (
  { expectChanges = false, allowParked = false, showValues = false }: ActivationOptions,
  progress: Progress,
  print: Print,
): RebuildOptions => ({
  expectChanges,
  allowParked,
  showDifferences(comparison, pair) {
    progress.end();
    for (const line of describeDifferences(comparison, pair, showValues)) print(line);
  },
});

/** Ctrl-C interrupts the work between two batches; committed batches are kept. */
async function withRebuildContext(
  projection: RebuildableProjection,
  work: (context: RebuildContext, progress: Progress) => Promise<void>,
): Promise<void> {
  const interruption = new AbortController();
  const interrupt = () =>
    interruption.abort(new Error('interrupted; run the same command again to continue'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const progress = createProgress(process.stderr, () => performance.now());
  const texts = new AuthorTextOpener(readWrappingKeys(loadConfig(TextsConfig)) ?? []);
  try {
    await withStore((pool: Pool, client: EventStoreDBClient) =>
      work(
        {
          ...projection,
          sink: projection.createSink(texts),
          pool,
          log: createEventLog(() => client),
          replica: `rebuild ${randomUUID()}`,
          signal: interruption.signal,
          reporter: progress,
        },
        progress,
      ),
    );
  } finally {
    progress.end();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

/** @param withValues also the values of different columns, which may contain members' texts */
function describeDifferences(
  { live, next, agree, counts, sample }: GenerationComparison,
  pair: GenerationPair,
  withValues: boolean,
): string[] {
  const checksums = [
    `generation ${pair.live}: ${live.rows} rows, checksum ${live.sum}`,
    `generation ${pair.next}: ${next.rows} rows, checksum ${next.sum}`,
  ];
  if (agree) return [...checksums, 'the rows agree'];
  const { missing, extra, different } = counts;
  return [
    ...checksums,
    `the rows differ: ${missing} missing in generation ${pair.next}, ${extra} only there, ${different} different. A sample:`,
    ...sample.flatMap((one) => [describeDifference(one), ...(withValues ? describeValues(one) : [])]),
  ];
}

function describeDifference({ kind, key, columns }: RowDifference): string {
  return kind === 'different' ? `  different  ${key}: ${columns.join(', ')}` : `  ${kind.padEnd(9)}  ${key}`;
}

const describeValues = ({ columns, before, after }: RowDifference): string[] =>
  columns.map(
    (name) => `    ${name}: ${JSON.stringify(before?.[name])} is now ${JSON.stringify(after?.[name])}`,
  );
