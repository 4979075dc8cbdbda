import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The root of the checkout. This file is built into dist/apps/standalone/src/state. */
export const PROJECT = resolve(import.meta.dirname, '../../../../..');

/** Holds everything that survives a restart. */
export const STATE = resolve(process.env['STANDALONE_DIR'] ?? join(PROJECT, '.standalone'));

const ENDPOINTS_FILE = join(STATE, 'endpoints.json');

/** The addresses of the running service. Other programs read the file that holds them. */
export interface Endpoints {
  readonly api: string;
  readonly kafka: string;
  readonly eventStore: string;
  /** The directory with the passwords of the event store's users, if it has users. */
  readonly eventStoreUsers?: string;
  readonly postgres: string;
  readonly mail: string;
}

export async function writeEndpoints(endpoints: Endpoints): Promise<void> {
  const draft = `${ENDPOINTS_FILE}.tmp`;
  // The address of an external server may contain a password.
  await writeFile(draft, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, ENDPOINTS_FILE);
}

/** Returns the endpoints of the running service or, if none runs, of the last one; undefined before the first start. */
export async function readEndpoints(): Promise<Endpoints | undefined> {
  try {
    return JSON.parse(await readFile(ENDPOINTS_FILE, 'utf8')) as Endpoints;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
