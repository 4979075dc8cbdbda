import { mkdir, realpath } from 'node:fs/promises';
import { Client } from 'pg';
import type { Serving } from '../process/serve.js';
import { ensureCluster } from './cluster.js';
import { clusterHome } from './cluster-home.js';
import { stopOrphan } from './orphan.js';
import { startPostmaster } from './postmaster.js';
import { reachablePrograms } from './programs.js';
import { databaseUser } from './run-as.js';

export interface PostgresSettings {
  /** Where the data lives; made when absent. */
  readonly dataDir: string;
  /** The preferred port; a free one when it is busy or absent. */
  readonly port?: number;
  /** Whether a commit survives a power failure. Default true; false is faster, for tests. */
  readonly durable?: boolean;
  /** An installation of this machine, the directory above its `bin`. Default: the npm package. */
  readonly installed?: string;
}

export interface PostgresAddresses {
  /** `postgres://postgres@127.0.0.1:<port>/invitations`, without a password. */
  readonly url: string;
}

const DATABASE = 'invitations';

export async function openPostgres(settings: PostgresSettings): Promise<Serving<PostgresAddresses>> {
  const { port = 0, durable = true } = settings;
  await mkdir(settings.dataDir, { recursive: true });
  const dataDir = await realpath(settings.dataDir);
  const user = databaseUser(dataDir);
  const programs = await reachablePrograms(user, settings.installed);
  const home = await clusterHome(dataDir, user);
  await stopOrphan(home);
  const cluster = await ensureCluster({ home, programs, user, durable });
  const postmaster = await startPostmaster({ cluster, programs, user, durable, preferredPort: port });
  const server = `postgres://postgres@127.0.0.1:${postmaster.port}`;
  try {
    await ensureDatabase(`${server}/postgres`);
  } catch (error) {
    await postmaster.stop();
    throw error;
  }
  return { addresses: { url: `${server}/${DATABASE}` }, stop: () => postmaster.stop() };
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
