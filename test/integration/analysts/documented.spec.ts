import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Database } from '../../../apps/replay/src/sql/database.js';
import { ANALYSTS_FILE } from '../../docs/events/analysts-catalogue.js';
import { readDocument } from '../../docs/generated.js';
import { printed } from './database.js';
import {
  answersIn,
  openSampleDatabase,
  openSampleEventStore,
  type SampleEventStore,
} from './documented-answers.js';

/** Long, because the whole sample history is appended to an event store on any machine. */
jest.setTimeout(15 * 60_000);

const documented = answersIn(readDocument(ANALYSTS_FILE));

/**
 * Each documented output equals what the code prints. If not, run `npm run docs -- analysts` and check the difference.
 */
describe('docs/analysts.md', () => {
  describe('the questions in docs/analysts.md, on the sample history', () => {
    let database: Database;
    beforeAll(async () => void (database = await openSampleDatabase()));
    afterAll(() => database.close());

    const queries = documented.filter(({ language }) => language === 'sql');
    it('number ten, beside the example of a time zone', () => expect(queries).toHaveLength(11));

    it.each(queries)('have the documented answer: $asked', async ({ asked, answer }) =>
      expect(await printed(database, asked)).toBe(answer),
    );
  });

  describe('the commands in docs/analysts.md, on an event store with the sample history', () => {
    let store: SampleEventStore;
    const folder = mkdtempSync(join(tmpdir(), 'analysts-'));

    beforeAll(async () => void (store = await openSampleEventStore()));
    afterAll(async () => {
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const commands = documented.filter(({ language }) => language === 'sh');
    it.each(commands)('print the documented output: $asked', async ({ asked, answer }) =>
      expect(await store.run(asked)).toBe(answer),
    );

    it('write a report: npm run replay -- report --out report.html', async () => {
      const page = join(folder, 'report.html');
      expect(await store.run(`npm run --silent replay -- report --out ${page}`)).toBe('');
      expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>\n<html lang="en">[^]*<\/html>\n$/);
    });
  });
});
