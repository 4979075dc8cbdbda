import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { DevServer } from '../../../libs/dev-servers/src/process/server-process.js';
import { startPostgres } from '../../../libs/dev-servers/src/start-servers.js';

type Postgres = DevServer<{ url: string }>;

let dataDir: string;
let server: Postgres | undefined;

const start = async (settings: { durable?: boolean; port?: number } = {}) => {
  server = await startPostgres({ dataDir, durable: false, ...settings }, { stdio: 'ignore' });
  return server;
};

const postmasterPid = () =>
  Number.parseInt(readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8'), 10);

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postgres-restarts-'));
});

afterEach(() => server?.stop());
afterAll(() => rm(dataDir, { recursive: true }));

describe('startPostgres', () => {
  it('keeps committed data after a kill of its process and a kill of PostgreSQL', async () => {
    const first = await start({ durable: true });
    await run(first, 'CREATE TABLE kept (id int)', 'INSERT INTO kept VALUES (1)');
    await first.kill();
    // PostgreSQL outlives the process that started it.
    expect(await run(first, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);

    const second = await start();
    await expect(run(first, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await run(second, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);

    await run(second, 'INSERT INTO kept VALUES (2)');
    const postmaster = postmasterPid();
    await second.kill();
    process.kill(postmaster, 'SIGKILL');
    const third = await start();
    expect(await run(third, 'SELECT id FROM kept')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('stops a stale postmaster that a client keeps busy, and reuses its port', async () => {
    const first = await start();
    const client = new Client(first.addresses.url);
    const ended = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await client.query('BEGIN');
    await first.kill();
    const second = await start({ port: Number(new URL(first.addresses.url).port) });
    await ended;
    expect(second.addresses).toEqual(first.addresses);
  });

  it('leaves no process running after stop', async () => {
    const stopped = await start();
    await stopped.stop();
    await expect(run(stopped, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('exits with an error when PostgreSQL exits unexpectedly', async () => {
    const { exited } = await start();
    process.kill(postmasterPid(), 'SIGKILL');
    expect(await exited).toEqual({ code: 1, signal: null });
  });

  it('rejects a directory on which PostgreSQL already runs, and does not disturb it', async () => {
    const first = await start();
    const second = startPostgres({ dataDir }, { stdio: 'ignore' });
    await expect(second).rejects.toThrow(`process ${first.pid} already runs PostgreSQL`);
    expect(await run(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

async function run({ addresses }: Postgres, ...statements: string[]): Promise<unknown[]> {
  const client = new Client(addresses.url);
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}
