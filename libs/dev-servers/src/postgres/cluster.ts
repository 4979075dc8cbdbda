import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Programs } from './programs.js';
import type { RunAs } from './run-as.js';

const UNFINISHED = 'unfinished-';

/** The cluster's directory below `home`. */
export function clusterOf(home: string): string {
  return join(home, 'cluster');
}

/**
 * Makes the cluster unless there is one. It gets its name only when it is complete and on disk, so a crash of initdb
 * leaves nothing that a later start would trust.
 */
export async function ensureCluster(of: {
  home: string;
  programs: Programs;
  user: RunAs;
  durable: boolean;
}): Promise<string> {
  const cluster = clusterOf(of.home);
  await removeUnfinished(of.home);
  if (existsSync(cluster)) return cluster;

  const unfinished = await mkdtemp(join(of.home, UNFINISHED));
  if (of.user.uid !== undefined && of.user.gid !== undefined) {
    await chown(unfinished, of.user.uid, of.user.gid);
  }
  await initdb(unfinished, of);
  await rename(unfinished, cluster);
  if (of.durable) await sync(of.home);
  return cluster;
}

async function initdb(
  directory: string,
  { programs, user, durable }: { programs: Programs; user: RunAs; durable: boolean },
): Promise<void> {
  const args = [
    '-D',
    directory,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--no-instructions',
  ];
  // The same order of text whatever the machine's locale and, since PostgreSQL 17, the same letter case.
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

/** An initdb that outlives its killed parent may still write there; then the next start removes the rest. */
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
