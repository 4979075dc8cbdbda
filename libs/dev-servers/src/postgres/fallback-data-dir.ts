import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  canEnter,
  createFallbackDir,
  type DatabaseUser,
  existsAndIsOwned,
  fallbackPath,
} from './database-user.js';
import { stopStalePostmaster } from './stale-postmaster.js';

/** The file in the data directory that names its fallback directory. */
const POINTER = 'elsewhere';

/** The file in the fallback directory that names the data directory. */
const BACK_POINTER = 'data-of';

const NAME_PREFIX = 'invitations-postgres-data-';

/**
 * The directory that holds the cluster: the data directory or, if the database user cannot enter it, a fallback directory that the
 * data directory points to.
 */
export async function resolveClusterHome(dataDir: string, user: DatabaseUser): Promise<string> {
  const recorded = await findFallbackDir(dataDir);
  if (recorded !== undefined) return recorded;
  if (user.uid === undefined || (await ensureCanEnter(user, dataDir))) return dataDir;

  const fallbackDir = fallbackPath(
    NAME_PREFIX + createHash('sha256').update(dataDir).digest('hex').slice(0, 16),
    user,
  );
  await removeAbandonedDirs(dirname(fallbackDir));
  // The pointer first: a fallback directory without a pointer to it counts as abandoned.
  await writeFile(join(dataDir, POINTER), fallbackDir);
  await createFallbackDir(fallbackDir);
  await writeFile(join(fallbackDir, BACK_POINTER), dataDir);
  process.stderr.write(`PostgreSQL's user cannot enter ${dataDir}: the data is stored in ${fallbackDir}\n`);
  return fallbackDir;
}

/** Removes fallback directories whose data directory was removed. */
async function removeAbandonedDirs(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const fallbackDir = join(base, name);
    if (!name.startsWith(NAME_PREFIX) || !(await existsAndIsOwned(fallbackDir).catch(() => false))) continue;
    const dataDir = await readFile(join(fallbackDir, BACK_POINTER), 'utf8').catch(() => undefined);
    if (dataDir === undefined || existsSync(join(dataDir, POINTER))) continue;
    // PostgreSQL may still run there, if the data directory was removed in the meantime.
    const stopped = await stopStalePostmaster(fallbackDir).then(
      () => true,
      () => false,
    );
    if (stopped) await rm(fallbackDir, { recursive: true, force: true });
  }
}

/**
 * Stops the PostgreSQL that a killed process left running on a data directory, whose files are about to be removed.
 * @throws when the process that started it is still running
 */
export async function stopStalePostgres(dataDir: string): Promise<void> {
  await stopStalePostmaster((await findFallbackDir(dataDir)) ?? dataDir);
}

async function findFallbackDir(dataDir: string): Promise<string | undefined> {
  const recorded = await readFile(join(dataDir, POINTER), 'utf8').catch(() => undefined);
  return recorded !== undefined && (await existsAndIsOwned(recorded)) ? recorded : undefined;
}

/** A new temporary directory has mode 700. Since it was passed to us, other users may enter it. */
async function ensureCanEnter(user: DatabaseUser, dataDir: string): Promise<boolean> {
  if (canEnter(dataDir, user)) return true;
  if (!canEnter(dirname(dataDir), user)) return false;
  await chmod(dataDir, 0o711);
  return canEnter(dataDir, user);
}
