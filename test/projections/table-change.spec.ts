import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { InvitationEvent } from '#libs/invitation';
import { migrate } from '#libs/platform';
import { rebuild, switchTo, type RowProjection } from '#libs/projection';
import { inboxProjection, readModelMigrations, type InboxRow } from '#libs/read-models';
import { SILENT } from '../integration/support/kafka-world.js';
import { ProjectionWorld } from '../integration/support/projection-world.js';
import { siteOf } from './support/rebuilds.js';

let world: ProjectionWorld;
let folder: string;

beforeAll(async () => {
  world = await ProjectionWorld.open();
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await cp(fileURLToPath(readModelMigrations.directory), folder, { recursive: true });
  await writeFile(
    join(folder, '900.do.inbox-greets.sql'),
    `SELECT read_models.add_column('inbox', 'greets boolean NOT NULL DEFAULT false');`,
  );
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

type GreetingRow = InboxRow & { readonly greets: boolean };

/** The inbox of a version to come. */
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

describe('a version with another column', () => {
  it('comes by a migration and a rebuild, while the version before works on and lists are read', async () => {
    const before = siteOf(world, inboxProjection);
    const old = world.work(inboxProjection);
    await world.happen('early', 8);
    await world.untilThere(inboxProjection);
    // Migrations cannot know how many generations there are, nor which one is shown.
    await rebuild(before.site, false, before.consent());

    const over = new AbortController();
    let reads = 0;
    const reading = (async () => {
      for (; !over.signal.aborted; reads += 1) {
        const { rows } = await world.pool.query('SELECT * FROM read_models.inbox');
        if (rows.length === 0) throw new Error('the inbox is empty');
      }
    })();
    const writing = (async () => {
      for (let n = 0; !over.signal.aborted; n += 1) await world.happen(`meanwhile-${n}`, 1);
    })();
    try {
      await migrate(world.pool, { ...readModelMigrations, directory: pathToFileURL(`${folder}/`) }, SILENT);
      // Both versions at work, on slices of their own.
      const young = world.work(greeting);
      await world.happen('both', 8);
      await world.untilThere(inboxProjection);
      await old.stop();
      await world.happen('young', 4);
      const after = siteOf(world, greeting, { code: 'two' });
      await rebuild(after.site, false, after.consent({ expectChanges: true }));
      const [comparison] = after.comparisons;
      expect(comparison!.sample.length).toBeGreaterThan(0);
      expect(new Set(comparison!.sample.flatMap(({ columns }) => columns))).toEqual(new Set(['greets']));
      for (const generation of [2, 3]) await switchTo(after.site, generation, after.consent());
      expect(young.state().ready).toBe(true);
    } finally {
      over.abort();
      await Promise.all([reading, writing]);
    }
    expect(reads).toBeGreaterThan(10);
    const { rows, expected } = await world.rows(greeting);
    expect(rows).toEqual(expected);
    expect(rows.some(({ greets }) => greets)).toBe(true);
  });
});
