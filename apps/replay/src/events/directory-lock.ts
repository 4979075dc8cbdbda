import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { CliError } from '#libs/cli';
import { LOCK_FILE } from './export-position.js';

const OPTIONS = { autoinstall_known_extensions: 'false' };

/**
 * Lets one process at a time write to a directory. Node has no file locks, but DuckDB takes one on a database that it opens:
 * the lock file is an empty database. The kernel releases the lock when the process ends, also after `kill -9`.
 */
export class DirectoryLock {
  private constructor(private readonly instance: DuckDBInstance) {}

  /** @throws CliError if another process holds the lock */
  static async acquire(directory: string): Promise<DirectoryLock> {
    const file = join(directory, LOCK_FILE);
    if (!existsSync(file)) await createLockFile(file);
    try {
      return new DirectoryLock(await DuckDBInstance.create(file, OPTIONS));
    } catch (error) {
      const { message } = error as Error;
      const holder = /PID (\d+)/.exec(message)?.[1];
      if (!message.includes('lock')) throw new CliError(`${file} cannot be locked: ${message}`);
      throw new CliError(
        `another process${holder === undefined ? '' : ` (${holder})`} exports to ${directory}: stop it, or give another directory`,
      );
    }
  }

  release(): void {
    this.instance.closeSync();
  }
}

/** The file appears when it is complete, so that a killed process leaves no half of a database. */
async function createLockFile(file: string): Promise<void> {
  const own = `${file}.${randomUUID()}`;
  try {
    (await DuckDBInstance.create(own, OPTIONS)).closeSync();
    await link(own, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(own, { force: true });
  }
}
