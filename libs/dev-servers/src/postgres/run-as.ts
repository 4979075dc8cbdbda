import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Options of `spawn`: empty when PostgreSQL runs as ourselves. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Who runs PostgreSQL, which refuses root: ourselves or, when we are root, whoever owns the data, at first `nobody`.
 * Following the owner lets a start with sudo work on the data of one without.
 */
export function databaseUser(dataDir: string): RunAs {
  if (process.getuid?.() !== 0) return {};
  const owner = statSync(join(dataDir, 'cluster'), { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') };
}

/** Whether that user may pass through the directory; a home of mode 700 on the way forbids it. */
export function canEnter(directory: string, user: RunAs): boolean {
  return (
    spawnSync('sh', ['-c', 'cd -- "$0"', directory], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

function idOfNobody(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));
}
