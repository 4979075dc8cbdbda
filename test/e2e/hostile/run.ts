import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PROJECT } from '../../deploy/support/files.js';

/** The tools by the names of their npm scripts. */
const TOOLS = { replay: 'replay/src/main.js', projections: 'projector/src/projections.main.js' } as const;

/** Runs a tool to its end. */
export async function run(
  tool: keyof typeof TOOLS,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const main = join(PROJECT, 'dist/apps', TOOLS[tool]);
  const { NODE_OPTIONS: _options, NODE_ENV: _env, ...own } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main, ...args], {
    env: { ...own, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, output, errors };
}
