import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canEnter, type RunAs } from './run-as.js';

/**
 * A place that the user can reach when the checkout is closed to it, as below a root's home of mode 700.
 * /var/tmp comes first because it outlives a reboot.
 */
export function placeOutside(name: string, user: RunAs): string {
  const base = ['/var/tmp', tmpdir(), '/tmp'].find((directory) => canEnter(directory, user));
  if (!base)
    throw new Error('PostgreSQL cannot run as root, and no temporary directory is open to other users');
  return join(base, name);
}

/**
 * Temporary directories belong to everyone: what lies there under our name is ours only if we own it.
 * @returns whether it exists
 * @throws when it is somebody else's
 */
export async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return false;
  if (found.isDirectory() && found.uid === process.getuid?.()) return true;
  throw new Error(`${path} belongs to somebody else; remove it`);
}

/** Others may pass through to what the database's user owns inside, and nothing more. */
export async function makeOutside(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700, recursive: true });
  // Not by mkdir, whose mode the umask narrows.
  await chmod(path, 0o711);
}
