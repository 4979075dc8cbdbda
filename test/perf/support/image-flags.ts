import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST } from './child.js';

/** The flags with which the images start Node. */
export function imageFlags(): string[] {
  const dockerfile = readFileSync(join(DIST, '../deploy/Dockerfile'), 'utf8');
  const [, entrypoint] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)!;
  const words = JSON.parse(entrypoint!) as string[];
  return words.slice(words.indexOf('node') + 1);
}
