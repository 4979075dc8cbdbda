import { mkdir, realpath } from 'node:fs/promises';
import { Client } from 'pg';
import type { RunningServer } from '../process/server-process.js';
import { ensureCluster } from './cluster.js';
import { chooseDatabaseUser } from './database-user.js';
import { resolveClusterHome } from './fallback-data-dir.js';
import { startPostmaster } from './postmaster.js';
import { findPrograms } from './programs.js';
import { stopStalePostmaster } from './stale-postmaster.js';

export interface PostgresSettings {
  /** Holds the data. Created if it does not exist. */
  readonly dataDir: string;
  /** The preferred port. A free one is taken when it is busy or absent. */
  readonly port?: number;
  /** Whether a commit survives a crash of the machine. Default true; false is faster, for tests. */
  readonly durable?: boolean;
  /** An installation on this machine: the directory above its `bin`. Default: the npm package. */
  readonly installed?: string;
}

export interface PostgresAddresses {
  /** `postgres://postgres@127.0.0.1:<port>/invitations`, without a password. */
  readonly url: string;
}

const DATABASE = 'invitations';

export async function openPostgres(settings: PostgresSettings): Promise<RunningServer<PostgresAddresses>> {
  const { port = 0, durable = true } = settings;
  await mkdir(settings.dataDir, { recursive: true });
  const dataDir = await realpath(settings.dataDir);
  const user = chooseDatabaseUser(dataDir);
  const programs = await findPrograms(user, settings.installed);
  const home = await resolveClusterHome(dataDir, user);
  await stopStalePostmaster(home);
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
