import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InvitationEvent } from '#libs/invitation';
import { migrate } from '#libs/platform';
import { rebuildProjection, switchGeneration, type RowProjection } from '#libs/projection';
import { inboxProjection, readModelMigrations, type InboxRow } from '#libs/read-models';
import { SILENT } from '../support/consumer-harness.js';
import { ProjectionHarness } from '../support/projection-harness.js';
import { until } from '../../support/until.js';
import { createRebuild } from './support/rebuilds.js';

let harness: ProjectionHarness;
let folder: string;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await writeFile(
    join(folder, '900.do.inbox-greets.sql'),
    `SELECT read_models.add_column('inbox', 'greets boolean NOT NULL DEFAULT false');`,
  );
});
afterAll(async () => {
  await harness.close();
  await rm(folder, { recursive: true });
});

type GreetingRow = InboxRow & { readonly greets: boolean };

/** The inbox of a future version. */
const greeting: RowProjection<InvitationEvent, GreetingRow> = {
  ...inboxProjection,
  table: {
    name: inboxProjection.table.name,
    columns: { ...inboxProjection.table.columns, greets: 'boolean' },
  },
  fold(row, event, key) {
    const next = inboxProjection.fold(row, event, key);
    return next && { ...next, greets: next.message?.startsWith('Hi') === true };
  },
};

describe('a version with an additional column', () => {
  it('is deployed by a migration and a rebuild while the previous version runs and lists are read', async () => {
    const before = createRebuild(harness, inboxProjection);
    const old = harness.work(inboxProjection);
    await harness.happen('early', 8);
    await harness.untilThere(inboxProjection);
    // A migration cannot know how many generations there are, nor which one is live.
    await rebuildProjection(before.context, false, before.options());

    const over = new AbortController();
    let reads = 0;
    const reading = (async () => {
      for (; !over.signal.aborted; reads += 1) {
        const { rows } = await harness.pool.query('SELECT * FROM read_models.inbox');
        if (rows.length === 0) throw new Error('the inbox is empty');
      }
    })();
    const writing = (async () => {
      for (let n = 0; !over.signal.aborted; n += 1) await harness.happen(`meanwhile-${n}`, 1);
    })();
    try {
      const directories = [...readModelMigrations.directories, pathToFileURL(folder)];
      await migrate(harness.pool, { ...readModelMigrations, directories }, SILENT);
      // Both versions run, on slices of their own.
      const young = harness.work(greeting);
      await harness.happen('both', 8);
      await harness.untilThere(inboxProjection);
      await old.stop();
      await harness.happen('young', 4);
      const after = createRebuild(harness, greeting, { codeVersion: 'two' });
      await rebuildProjection(after.context, false, after.options({ expectChanges: true }));
      const [comparison] = after.comparisons;
      expect(comparison!.sample.length).toBeGreaterThan(0);
      expect(new Set(comparison!.sample.flatMap(({ columns }) => columns))).toEqual(new Set(['greets']));
      for (const generation of [2, 3]) await switchGeneration(after.context, generation, after.options());
      // Under load a heartbeat may come late, and the worker acquires its slices again.
      await until(() => young.state().ready, 20_000, 'the new version is ready');
    } finally {
      over.abort();
      await Promise.all([reading, writing]);
    }
    expect(reads).toBeGreaterThan(10);
    const { rows, expected } = await harness.rows(greeting);
    expect(rows).toEqual(expected);
    expect(rows.some(({ greets }) => greets)).toBe(true);
  });
});
