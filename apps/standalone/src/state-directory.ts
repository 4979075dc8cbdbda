import { readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCK_FILE, lockDataDir, stopLeftBehindPostgres } from '#libs/dev-servers';
import { STATE } from './paths.js';

/**
 * Takes the state directory for this process, which keeps it until it ends.
 * @param fresh whether everything that earlier runs have kept is forgotten
 * @throws when another standalone service runs there
 */
export async function takeStateDirectory(fresh: boolean): Promise<void> {
  try {
    lockDataDir(STATE);
  } catch (error) {
    throw new Error(`another standalone service runs in ${STATE}`, { cause: error });
  }
  if (!fresh) return;
  await stopLeftBehindPostgres(join(await realpath(STATE), 'postgres'));
  const entries = (await readdir(STATE)).filter((entry) => !entry.startsWith(LOCK_FILE));
  await Promise.all(entries.map((entry) => rm(join(STATE, entry), { recursive: true, force: true })));
}
