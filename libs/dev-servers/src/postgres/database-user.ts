import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The user that runs PostgreSQL, as options of `spawn`. Empty for the user of this process. */
export interface DatabaseUser {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * PostgreSQL does not run as root. For root, it runs as the owner of the data, and as `nobody` when there is no data yet. Because of
 * the owner, a start with sudo works on the data of a start without.
 */
export function chooseDatabaseUser(dataDir: string): DatabaseUser {
  if (process.getuid?.() !== 0) return {};
  const owner = statSync(join(dataDir, 'cluster'), { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') };
}

/** Whether the user may enter the directory. A parent directory of mode 700 may prevent it. */
export function canEnter(directory: string, user: DatabaseUser): boolean {
  return (
    spawnSync('sh', ['-c', 'cd -- "$0"', directory], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

function idOfNobody(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));
}

/**
 * A path in a temporary directory that the user can enter, for a checkout that it cannot enter, such as one below /root.
 * /var/tmp is preferred, because it survives a reboot.
 */
export function fallbackPath(name: string, user: DatabaseUser): string {
  const base = ['/var/tmp', tmpdir(), '/tmp'].find((directory) => canEnter(directory, user));
  if (!base)
    throw new Error('PostgreSQL cannot run as root, and other users cannot enter any temporary directory');
  return join(base, name);
}

/**
 * Everybody can create directories in a temporary directory, so a fallback directory is trusted only if this user owns it.
 * @returns whether it exists
 * @throws when another user owns it
 */
export async function existsAndIsOwned(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return false;
  if (found.isDirectory() && found.uid === process.getuid?.()) return true;
  throw new Error(`${path} belongs to another user; remove it`);
}

/** Other users may enter the directory, to reach what the database user owns inside, but not list it. */
export async function createFallbackDir(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700, recursive: true });
  // Not by mkdir, because the umask restricts its mode.
  await chmod(path, 0o711);
}
