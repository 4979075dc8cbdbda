import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '#libs/event-store';
import type { Pool } from '#libs/platform';
import {
  drop,
  eventLog,
  listGenerations,
  rebuild,
  switchTo,
  type Consent,
  type Generation,
  type Site,
} from '#libs/projection';
import { progress, type Progress } from './progress.js';
import { findRebuildable } from './rebuildable.js';
import { differencesAsText } from './show-differences.js';
import { withPool, withStore } from './tool.js';

type Say = (line: string) => void;

export interface Allowed {
  readonly expectChanges?: boolean;
  readonly allowParked?: boolean;
  readonly showValues?: boolean;
}

export async function rebuildProjection(
  name: string,
  { fresh = false, ...allowed }: Allowed & { readonly fresh?: boolean },
  say: Say,
): Promise<void> {
  const found = findRebuildable(name);
  await withSite(found, async (site, shown) => {
    const { live, next } = await rebuild(site, fresh, consent(allowed, shown, say));
    shown.end();
    say(`generation ${next} of ${name} is shown; back with: npm run projections -- switch ${name} ${live}`);
  });
}

export async function switchProjection(
  name: string,
  generation: number,
  allowed: Allowed,
  say: Say,
): Promise<void> {
  const found = findRebuildable(name);
  await withSite(found, async (site, shown) => {
    const { live, next } = await switchTo(site, generation, consent(allowed, shown, say));
    shown.end();
    say(`generation ${next} of ${name} is shown; back with: npm run projections -- switch ${name} ${live}`);
  });
}

export async function dropGenerationOf(name: string, generation: number, say: Say): Promise<void> {
  const { projection } = findRebuildable(name);
  await withPool((pool) => drop(pool, projection, generation));
  say(`generation ${generation} of ${name} is gone`);
}

export async function showGenerations(name: string, isJson: boolean, say: Say): Promise<void> {
  const { projection } = findRebuildable(name);
  const all = await withPool((pool) => listGenerations(pool, projection));
  if (isJson) return say(JSON.stringify(all.map(({ code: _code, ...one }) => one)));
  if (all.length === 0) return say(`${name} has no generation yet: no worker has ever run`);
  for (const { generation, ...one } of all) say(`${generation}  ${stateOf(one)}`);
}

function stateOf({ isLive, construction }: Omit<Generation, 'generation'>): string {
  if (isLive) return 'is shown';
  if (construction === 'building') return 'half built: rebuild goes on with it';
  return construction === 'built' ? 'built, never shown' : 'was shown before';
}

const consent = (
  { expectChanges = false, allowParked = false, showValues = false }: Allowed,
  shown: Progress,
  say: Say,
): Consent => ({
  expectChanges,
  allowParked,
  showDifferences(comparison, pair) {
    shown.end();
    for (const line of differencesAsText(comparison, pair, showValues)) say(line);
  },
});

/** Ctrl-C ends it between two batches; what is done is kept. */
async function withSite(
  found: ReturnType<typeof findRebuildable>,
  work: (site: Site, shown: Progress) => Promise<void>,
): Promise<void> {
  const breakOff = new AbortController();
  const interrupt = () => breakOff.abort(new Error('interrupted; the same command again goes on from here'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const shown = progress(process.stderr, () => performance.now());
  try {
    await withStore((pool: Pool, client: EventStoreDBClient) =>
      work(
        {
          ...found,
          pool,
          log: eventLog(client),
          replica: `rebuild ${randomUUID()}`,
          signal: breakOff.signal,
          report: shown,
        },
        shown,
      ),
    );
  } finally {
    shown.end();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}
