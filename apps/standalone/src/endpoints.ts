import { readFile, rename, writeFile } from 'node:fs/promises';
import { ENDPOINTS_FILE } from './paths.js';

/** Where the running service is to be found. Other programs read the file. */
export interface Endpoints {
  readonly api: string;
  readonly kafka: string;
  readonly eventStore: string;
  readonly postgres: string;
  readonly mail: string;
}

export async function writeEndpoints(endpoints: Endpoints): Promise<void> {
  const draft = `${ENDPOINTS_FILE}.tmp`;
  // A given server's address may hold a password.
  await writeFile(draft, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, ENDPOINTS_FILE);
}

/** The endpoints of this or, when nothing runs, of the last run; undefined before the first. */
export async function readEndpoints(): Promise<Endpoints | undefined> {
  try {
    return JSON.parse(await readFile(ENDPOINTS_FILE, 'utf8')) as Endpoints;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
