import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DatabaseUser } from './database-user.js';
import type { Programs } from './programs.js';

const UNFINISHED = 'unfinished-';

/** The directory of the cluster in its home directory. */
export function clusterPath(home: string): string {
  return join(home, 'cluster');
}

/**
 * Creates the cluster if it does not exist. It is renamed into place when it is complete and on disk, so that a crash of initdb never
 * leaves a cluster that a later start would use.
 */
export async function ensureCluster(options: {
  home: string;
  programs: Programs;
  user: DatabaseUser;
  durable: boolean;
}): Promise<string> {
  const cluster = clusterPath(options.home);
  await removeUnfinished(options.home);
  if (existsSync(cluster)) return cluster;

  const unfinished = await mkdtemp(join(options.home, UNFINISHED));
  if (options.user.uid !== undefined && options.user.gid !== undefined) {
    await chown(unfinished, options.user.uid, options.user.gid);
  }
  await initdb(unfinished, options);
  await rename(unfinished, cluster);
  if (options.durable) await sync(options.home);
  return cluster;
}

async function initdb(
  directory: string,
  { programs, user, durable }: { programs: Programs; user: DatabaseUser; durable: boolean },
): Promise<void> {
  const args = [
    '-D',
    directory,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--no-instructions',
  ];
  // Text sorts in the same order on every machine and, since PostgreSQL 17, changes case in the same way.
  args.push('--locale=C');
  if (programs.version >= 17) args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (!durable) args.push('--no-sync');
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  try {
    await promisify(execFile)(programs.initdb, args, { ...user, cwd: directory, env });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw new Error(`initdb failed: ${(error as { stderr?: string }).stderr?.trim() ?? String(error)}`, {
      cause: error,
    });
  }
}

/** An initdb that outlives its killed parent may still write there. The next start removes what it leaves. */
async function removeUnfinished(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith(UNFINISHED)) {
      await rm(join(home, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory);
  await handle.sync();
  await handle.close();
}
