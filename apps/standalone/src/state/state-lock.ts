import { readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCK_FILE, lockDataDir, stopStalePostgres } from '#libs/dev-servers';
import { STATE } from './state-directory.js';

/**
 * Locks the state directory for this process until the process ends.
 * @param fresh whether to delete everything that earlier runs stored
 * @throws when another standalone service uses the directory
 */
export async function lockStateDirectory(fresh: boolean): Promise<void> {
  try {
    lockDataDir(STATE);
  } catch (error) {
    throw new Error(`another standalone service runs in ${STATE}`, { cause: error });
  }
  if (!fresh) return;
  await stopStalePostgres(join(await realpath(STATE), 'postgres'));
  const entries = (await readdir(STATE)).filter((entry) => !entry.startsWith(LOCK_FILE));
  await Promise.all(entries.map((entry) => rm(join(STATE, entry), { recursive: true, force: true })));
}
