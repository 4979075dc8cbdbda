import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startPostgres } from '../../../libs/dev-servers/src/start-servers.js';
import { serverMain } from './server-main.js';

const MAIN = serverMain('postgres');

let parent: string;
let dataDir: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'postgres-data-'));
  await chmod(parent, 0o755);
  dataDir = join(parent, 'postgres');
});

afterEach(() => rm(parent, { recursive: true, maxRetries: 5 }));

const start = () => startPostgres({ dataDir, durable: false }, { stdio: 'ignore' });

/** Starts a server, runs the statements and stops the server. @returns the rows of the last statement */
async function runOnce(...statements: string[]): Promise<unknown[]> {
  const server = await start();
  const client = new Client(server.addresses.url);
  try {
    await client.connect();
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
    await server.stop();
  }
}

/** The directory that holds the data when the data directory cannot. */
const fallbackDir = () => readFile(join(dataDir, 'elsewhere'), 'utf8');

describe('startPostgres with a stale pid file', () => {
  it('starts despite a stale pid file, and does not stop the unrelated process with its pid', async () => {
    await runOnce('CREATE TABLE kept ()');
    const cluster = join(dataDir, 'cluster');
    // With the same user and name, so that PostgreSQL itself would take it for a running postmaster.
    const { uid, gid } = await stat(cluster);
    const bystander = spawn('sleep', ['600'], { uid, gid, cwd: '/', argv0: 'postgres' });
    await once(bystander, 'spawn');
    try {
      await writeFile(join(cluster, 'postmaster.pid'), `${bystander.pid}\n${cluster}\n1767225600\n5432\n`);
      expect(await runOnce('TABLE kept')).toEqual([]);
      expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
    } finally {
      bystander.kill();
    }
  });
});

describe('startPostgres after an interrupted initdb', () => {
  it('runs initdb again after it was killed', async () => {
    await mkdir(dataDir);
    const begun = new Promise<string>((resolve) => {
      watch(dataDir, (_event, name) => name?.startsWith('unfinished-') && resolve(name)).unref();
    });
    const starting = fork(MAIN, [JSON.stringify({ dataDir })], { stdio: 'ignore' });
    const unfinished = await begun;
    starting.kill('SIGKILL');
    await once(starting, 'exit');
    expect(existsSync(join(dataDir, 'cluster'))).toBe(false);

    expect(await runOnce('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).not.toContain(unfinished);
  });

  it('does not use an unfinished directory that looks complete', async () => {
    await mkdir(join(dataDir, 'unfinished-abc'), { recursive: true });
    await writeFile(join(dataDir, 'unfinished-abc', 'PG_VERSION'), '18\n');
    expect(await runOnce('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).toEqual(['cluster']);
  });
});

// PostgreSQL runs as another user only when the tests run as root.
if (process.getuid?.() === 0) {
  describe('startPostgres below a directory that the database user cannot enter', () => {
    beforeEach(() => chmod(parent, 0o700));
    afterEach(async () => rm(await fallbackDir(), { recursive: true }));

    it('stores the data in a fallback directory that later starts find', async () => {
      await runOnce('CREATE TABLE kept ()');
      const first = await fallbackDir();
      expect(await runOnce('TABLE kept')).toEqual([]);
      expect(await fallbackDir()).toBe(first);
    });

    it('drops the fallback directory when the data directory was removed', async () => {
      await runOnce('CREATE TABLE forgotten ()');
      await rm(dataDir, { recursive: true });
      const found = await runOnce("SELECT to_regclass('forgotten') AS found");
      expect(found).toEqual([{ found: null }]);
    });
  });
}
