import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startPostgres } from '../../libs/dev-servers/src/postgres/start.js';

// Processes are started here, on machines that may be busy. In milliseconds.

const MAIN = fileURLToPath(new URL('../../dist/libs/dev-servers/src/postgres/main.js', import.meta.url));

let parent: string;
let dataDir: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'postgres-data-'));
  await chmod(parent, 0o755);
  dataDir = join(parent, 'postgres');
});

afterEach(() => rm(parent, { recursive: true, maxRetries: 5 }));

const start = () => startPostgres({ dataDir, durable: false }, { stdio: 'ignore' });

/** Runs the statements on a server that lives only for them. */
async function duringOneRun(...statements: string[]): Promise<unknown[]> {
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

/** Where the data is when it cannot be in the data directory. */
const outside = () => readFile(join(dataDir, 'elsewhere'), 'utf8');

describe('a pid file that outlived its PostgreSQL', () => {
  it('does not cost an unrelated process its life, nor us the start', async () => {
    await duringOneRun('CREATE TABLE kept ()');
    const cluster = join(dataDir, 'cluster');
    // Of the same user, so that PostgreSQL itself would take it for a running postmaster, and of the same name.
    const { uid, gid } = await stat(cluster);
    const bystander = spawn('sleep', ['600'], { uid, gid, cwd: '/', argv0: 'postgres' });
    await once(bystander, 'spawn');
    try {
      await writeFile(join(cluster, 'postmaster.pid'), `${bystander.pid}\n${cluster}\n1767225600\n5432\n`);
      expect(await duringOneRun('TABLE kept')).toEqual([]);
      expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
    } finally {
      bystander.kill();
    }
  });
});

describe('initdb', () => {
  it('starts over after it was killed in the middle', async () => {
    await mkdir(dataDir);
    const begun = new Promise<string>((resolve) => {
      watch(dataDir, (_event, name) => name?.startsWith('unfinished-') && resolve(name)).unref();
    });
    const starting = fork(MAIN, [JSON.stringify({ dataDir })], { stdio: 'ignore' });
    const unfinished = await begun;
    starting.kill('SIGKILL');
    await once(starting, 'exit');
    expect(existsSync(join(dataDir, 'cluster'))).toBe(false);

    expect(await duringOneRun('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).not.toContain(unfinished);
  });

  it('is not trusted when it left a directory that looks complete', async () => {
    await mkdir(join(dataDir, 'unfinished-abc'), { recursive: true });
    await writeFile(join(dataDir, 'unfinished-abc', 'PG_VERSION'), '18\n');
    expect(await duringOneRun('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).toEqual(['cluster']);
  });
});

// Only root, whose homes and checkouts are often closed to others, lends PostgreSQL another user.
if (process.getuid?.() === 0) {
  describe('below a directory that is closed to the database user', () => {
    beforeEach(() => chmod(parent, 0o700));
    afterEach(async () => rm(await outside(), { recursive: true }));

    it('keeps the data outside, where later starts find it', async () => {
      await duringOneRun('CREATE TABLE kept ()');
      const place = await outside();
      expect(await duringOneRun('TABLE kept')).toEqual([]);
      expect(await outside()).toBe(place);
    });

    it('forgets the data outside when the data directory is removed', async () => {
      await duringOneRun('CREATE TABLE forgotten ()');
      await rm(dataDir, { recursive: true });
      const found = await duringOneRun("SELECT to_regclass('forgotten') AS found");
      expect(found).toEqual([{ found: null }]);
    });
  });
}
