import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST } from './child.js';

/** The flags with which the images start Node. */
export function imageFlags(): string[] {
  const dockerfile = readFileSync(join(DIST, '../deploy/Dockerfile'), 'utf8');
  const [, entrypoint] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)!;
  return (JSON.parse(entrypoint!) as string[]).slice(1);
}
