import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { STATE } from '../paths.js';

/** Where the apps' logs are kept. */
export const LOGS = join(STATE, 'logs');

/**
 * Keeps an app's output in a file and shows its errors: whatever is no JSON line of ours too, for that is how a process
 * speaks that could not even start.
 */
export function keepLog(app: string, output: Readable, say: (line: string) => void): void {
  mkdirSync(LOGS, { recursive: true });
  const file = createWriteStream(join(LOGS, `${app}.log`), { flags: 'a' });
  const lines = createInterface({ input: output });
  lines.on('line', (line) => {
    file.write(`${line}\n`);
    const shown = worthShowing(line);
    if (shown !== undefined) say(`${app}: ${shown}`);
  });
  lines.on('close', () => file.end());
}

function worthShowing(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
    return level === 'error' || level === 'fatal' ? `${level}: ${msg}` : undefined;
  } catch {
    return line;
  }
}
