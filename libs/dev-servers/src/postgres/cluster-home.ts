import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stopOrphan } from './orphan.js';
import { isOurs, makeOutside, placeOutside } from './outside.js';
import { canEnter, type RunAs } from './run-as.js';

/** In the data directory, names the directory outside that holds the cluster. */
const POINTER = 'elsewhere';

/** In the directory outside, names the data directory. */
const BACK = 'data-of';

const NAME = 'invitations-postgres-data-';

/**
 * The directory that holds the cluster: the data directory or, when the way to it is closed to the database's user,
 * one outside that the data directory points to.
 */
export async function clusterHome(dataDir: string, user: RunAs): Promise<string> {
  const recorded = await homeOutside(dataDir);
  if (recorded !== undefined) return recorded;
  if (user.uid === undefined || (await openFor(user, dataDir))) return dataDir;

  const outside = placeOutside(NAME + createHash('sha256').update(dataDir).digest('hex').slice(0, 16), user);
  await removeForsaken(dirname(outside));
  // First the pointer: whatever has none is taken for forsaken.
  await writeFile(join(dataDir, POINTER), outside);
  await makeOutside(outside);
  await writeFile(join(outside, BACK), dataDir);
  process.stderr.write(`${dataDir} is closed to PostgreSQL's user: the data is kept in ${outside}\n`);
  return outside;
}

/** Whoever removed a data directory meant the data: what it pointed to goes too. */
async function removeForsaken(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const outside = join(base, name);
    if (!name.startsWith(NAME) || !(await isOurs(outside).catch(() => false))) continue;
    const dataDir = await readFile(join(outside, BACK), 'utf8').catch(() => undefined);
    if (dataDir === undefined || existsSync(join(dataDir, POINTER))) continue;
    // It may still be in use, if the data directory was removed from under it.
    const stopped = await stopOrphan(outside).then(
      () => true,
      () => false,
    );
    if (stopped) await rm(outside, { recursive: true, force: true });
  }
}

/**
 * Stops the PostgreSQL that a killed run left behind on a data directory, whose files are about to be removed.
 * @throws when it runs for somebody who still lives
 */
export async function stopLeftBehind(dataDir: string): Promise<void> {
  await stopOrphan((await homeOutside(dataDir)) ?? dataDir);
}

async function homeOutside(dataDir: string): Promise<string | undefined> {
  const recorded = await readFile(join(dataDir, POINTER), 'utf8').catch(() => undefined);
  return recorded !== undefined && (await isOurs(recorded)) ? recorded : undefined;
}

/** A fresh temporary directory is closed to others, but it was given to us: whoever reaches it may pass through. */
async function openFor(user: RunAs, dataDir: string): Promise<boolean> {
  if (canEnter(dataDir, user)) return true;
  if (!canEnter(dirname(dataDir), user)) return false;
  await chmod(dataDir, 0o711);
  return canEnter(dataDir, user);
}
