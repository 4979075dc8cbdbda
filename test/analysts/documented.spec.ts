import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectEventStore, dispose, endOfLog, SLICES } from '#libs/event-store';
import type { Database } from '../../apps/replay/src/sql/database.js';
import { DEFAULT_SAMPLE, sampleHistory } from '../../apps/standalone/src/sample-history/history.js';
import { loadHistory } from '../../apps/standalone/src/sample-history/load.js';
import { eventStoreUnderTest } from '../support/event-store.js';
import { databaseOf, printed } from './database.js';
import { sampleLog } from './sample.js';

/** The whole sample history goes into an event store, on whatever machine this is. */
jest.setTimeout(15 * 60_000);

const PROJECT = resolve(import.meta.dirname, '../..');
const FILE = join(PROJECT, 'docs/analysts.md');
/** A command or query, and what it prints. */
const BLOCK = /```(sh|sql)\n([^`]+)```\n\n```text\n([^`]*)```/g;
const TOOL = 'npm run --silent replay -- ';

const text = readFileSync(FILE, 'utf8');
const blocks = [...text.matchAll(BLOCK)].map(([, language, asked, answer]) => ({
  language: language!,
  asked: asked!.trim(),
  answer: answer!,
}));

/** As a shell would, for what this page has: words, some of them in double quotes. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);

/** `npm run docs:analysts` writes the answers anew; look at what has changed. */
function writeAnswers(answers: ReadonlyMap<string, string>): void {
  const answered = readFileSync(FILE, 'utf8').replaceAll(BLOCK, (block, language: string, asked: string) => {
    const answer = answers.get(asked.trim());
    return answer === undefined ? block : `\`\`\`${language}\n${asked}\`\`\`\n\n\`\`\`text\n${answer}\`\`\``;
  });
  writeFileSync(FILE, answered);
}

describe('docs/analysts.md', () => {
  const answers = new Map<string, string>();
  afterAll(() => {
    if (process.env['WRITE_DOCS'] === 'analysts') writeAnswers(answers);
  });

  const expectAnswer = (asked: string, printed: string, documented: string) => {
    answers.set(asked, printed);
    if (process.env['WRITE_DOCS'] !== 'analysts') expect(printed).toBe(documented);
  };

  describe('its questions, on the sample history', () => {
    let database: Database;
    beforeAll(async () => void (database = await databaseOf(sampleLog(DEFAULT_SAMPLE))));
    afterAll(() => database.close());

    const queries = blocks.filter(({ language }) => language === 'sql');
    it('are ten', () => expect(queries).toHaveLength(10));

    it.each(queries)('$asked', async ({ asked, answer }) =>
      expectAnswer(asked, await printed(database, asked), answer),
    );
  });

  describe('its commands, on an event store with the sample history in it', () => {
    let store: Awaited<ReturnType<typeof eventStoreUnderTest>>;
    const folder = mkdtempSync(join(tmpdir(), 'analysts-'));

    beforeAll(async () => {
      store = await eventStoreUnderTest();
      const client = connectEventStore(store.url);
      const slices = Array.from({ length: SLICES }, (_, slice) => slice);
      const { waiting } = await endOfLog(client, slices, undefined, AbortSignal.timeout(60_000));
      // A server whose address was given may have it from the last time.
      if (waiting === undefined) await loadHistory(client, sampleHistory(DEFAULT_SAMPLE), () => undefined);
      await dispose(client);
    });
    afterAll(async () => {
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    async function replay(args: readonly string[]): Promise<string> {
      const { NODE_OPTIONS: _options, NODE_ENV: _env, ...env } = process.env;
      const main = join(PROJECT, 'dist/apps/replay/src/main.js');
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], {
        env: { ...env, EVENTSTORE_URL: store.url },
        maxBuffer: 64 * 1024 * 1024,
      });
      expect(stderr).toBe('');
      return stdout;
    }

    const commands = blocks.filter(({ language }) => language === 'sh');
    it.each(commands)('$asked', async ({ asked, answer }) => {
      expect(asked.startsWith(TOOL)).toBe(true);
      expectAnswer(asked, await replay(words(asked.slice(TOOL.length))), answer);
    });

    it('npm run replay -- report --out report.html', async () => {
      const page = join(folder, 'report.html');
      expect(await replay(['report', '--out', page])).toBe('');
      expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>\n<html lang="en">[^]*<\/html>\n$/);
    });
  });
});
