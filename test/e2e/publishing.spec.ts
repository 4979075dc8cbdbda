import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REFUSAL_CODES } from '#libs/contracts';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../support/standalone.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(PROJECT, 'docs/publishing.md'), 'utf8');

const hasKcat = spawnSync('kcat', ['-V']).status === 0;
if (!hasKcat) console.warn('The commands with kcat are skipped: kcat is not on the PATH.');

interface Block {
  readonly language: string;
  readonly code: string;
}

const blocks: Block[] = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, code]) => ({
  language: language!,
  code: code!.trim(),
}));

/** Each command of the page in order, with the output below it. */
const steps = blocks.flatMap(({ language, code }, index) => {
  if (language !== 'sh') return [];
  const shown = blocks[index + 1];
  const needsKcat = /\bkcat\b/.test(code);
  const title = `${index}: ${code.split('\n')[0]!}`;
  return [
    { title, code, needsKcat, output: shown === undefined || shown.language === 'sh' ? '' : shown.code },
  ];
});

/**
 * Runs a command in a shell in the project's folder, as a reader does.
 * @throws when it fails, does not print what the page shows, or prints an error although all is well
 */
async function expectPrinted(code: string, shown: string | RegExp, kafka: string): Promise<void> {
  const { NODE_OPTIONS: _options, NODE_ENV: _env, ...env } = process.env;
  const child = spawn('bash', ['-euo', 'pipefail', '-c', code], {
    cwd: PROJECT,
    env: { ...env, KAFKA_BROKERS: kafka },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  const isShown = typeof shown === 'string' ? output.includes(shown) : shown.test(output);
  // kcat prints its progress as errors.
  const isQuiet = errors === '' || /\bkcat\b/.test(code);
  if (status !== 0 || !isShown || !isQuiet)
    throw new Error(`exit code ${status}, and printed:\n${output}${errors}`);
}

describe('docs/publishing.md', () => {
  const dir = newFolder();
  let standalone: Standalone;

  beforeAll(async () => {
    standalone = await startStandalone(dir);
  });

  afterAll(() => endStandalone(dir));

  it('contains only shell blocks that are run, each with its output', () => {
    expect(steps.length).toBeGreaterThan(4);
    for (const { output } of steps) expect(output).not.toBe('');
    expect(blocks.map(({ language }) => language).filter((name) => !['sh', 'text'].includes(name))).toEqual(
      [],
    );
  });

  it('explains every refusal code, and no unknown one', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
    expect(rows).toEqual([...REFUSAL_CODES]);
  });

  for (const { title, code, needsKcat, output } of steps) {
    // oxlint-disable-next-line jest/no-disabled-tests -- said above, where kcat is missing
    const itRuns = needsKcat && !hasKcat ? it.skip : it;
    itRuns(title, () => expectPrinted(code, output, standalone.endpoints.kafka));
  }

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where kcat is missing
  (hasKcat ? it : it.skip)('kcat and kafkajs put the same key in the same partition', async () => {
    const placed =
      'kcat -C -b "$KAFKA_BROKERS" -t invitations.commands -o beginning -e -q -f \'%k %p\\n\' | sort | uniq -c';
    await expectPrinted(placed, /^ +([4-9]|\d\d+) amal \d\n$/, standalone.endpoints.kafka);
  });
});
