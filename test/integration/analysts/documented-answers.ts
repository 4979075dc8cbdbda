import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { closeEventStore, connectEventStore, readLogTail, SLICES } from '#libs/event-store';
import type { Database } from '../../../apps/replay/src/sql/database.js';
import { loadHistory } from '../../../apps/standalone/src/sample-history/load-history.js';
import {
  DEFAULT_SAMPLE,
  generateHistory,
} from '../../../apps/standalone/src/sample-history/sample-history.js';
import { openTestEventStore } from '../../support/event-store.js';
import { databaseOf } from './database.js';
import { sampleLog } from './sample.js';

const REPLAY = resolve(import.meta.dirname, '../../../dist/apps/replay/src/main.js');
/** The text before the arguments of a documented command. */
const TOOL = 'npm run --silent replay -- ';
/** A command or query, and its output. */
const BLOCK = /```(sh|sql)\n([^`]+)```\n\n```text\n([^`]*)```/g;

/** A command or query of docs/analysts.md, and its documented output. */
export interface DocumentedAnswer {
  readonly language: 'sh' | 'sql';
  readonly asked: string;
  readonly answer: string;
}

export const answersIn = (text: string): DocumentedAnswer[] =>
  [...text.matchAll(BLOCK)].map(([, language, asked, answer]) => ({
    language: language as 'sh' | 'sql',
    asked: asked!.trim(),
    answer: answer!,
  }));

/** Replaces the outputs in the text. @param answers by the command or query */
export function withAnswers(text: string, answers: ReadonlyMap<string, string>): string {
  return text.replaceAll(BLOCK, (block, language: string, asked: string) => {
    const answer = answers.get(asked.trim());
    return answer === undefined ? block : `\`\`\`${language}\n${asked}\`\`\`\n\n\`\`\`text\n${answer}\`\`\``;
  });
}

/** The tables of `replay sql` with the sample history, on which the documented queries run. */
export const openSampleDatabase = (): Promise<Database> => databaseOf(sampleLog(DEFAULT_SAMPLE));

/** An event store with the sample history, on which the documented commands run. */
export interface SampleEventStore {
  /** Runs a documented command, and expects nothing on standard error. @returns its output */
  run(command: string): Promise<string>;
  stop(): Promise<void>;
}

export async function openSampleEventStore(): Promise<SampleEventStore> {
  const store = await openTestEventStore();
  const client = connectEventStore(store.url);
  const slices = Array.from({ length: SLICES }, (_, slice) => slice);
  const { oldestEvent } = await readLogTail(client, slices, undefined, AbortSignal.timeout(60_000));
  // A server at a given address may contain the history of an earlier run.
  if (oldestEvent === undefined) await loadHistory(client, generateHistory(DEFAULT_SAMPLE), () => undefined);
  await closeEventStore(client);
  return {
    async run(command) {
      if (!command.startsWith(TOOL)) throw new Error(`not a command of replay: ${command}`);
      const { NODE_OPTIONS: _options, NODE_ENV: _env, ...env } = process.env;
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [REPLAY, ...splitWords(command.slice(TOOL.length))],
        { env: { ...env, EVENTSTORE_URL: store.url }, maxBuffer: 64 * 1024 * 1024 },
      );
      if (stderr !== '') throw new Error(`${command} printed on standard error:\n${stderr}`);
      return stdout;
    },
    stop: () => store.stop(),
  };
}

/** Splits a command into words like a shell, as far as the document needs it: some words are in double quotes. */
const splitWords = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
