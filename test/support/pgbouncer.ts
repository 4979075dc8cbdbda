import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from './ports.js';
import type { TestPostgres } from './test-servers.js';

/** Debian installs it where only root's PATH leads. */
const PROGRAM = [process.env['PGBOUNCER'] ?? 'pgbouncer', '/usr/sbin/pgbouncer'].find(
  (path) => spawnSync(path, ['--version']).status === 0,
);

export const isPgBouncerInstalled = PROGRAM !== undefined;

/** Whether the installed version can prepare statements of its clients: from 1.21 on. */
export const tracksStatements = PROGRAM !== undefined && isSince(PROGRAM, 1, 21);

function isSince(program: string, major: number, minor: number): boolean {
  const text = String(spawnSync(program, ['--version']).stdout);
  const [, foundMajor = 0, foundMinor = 0] = /^PgBouncer (\d+)\.(\d+)/.exec(text)!.map(Number);
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}

/** Few, so that clients share connections all the time. */
const CONNECTIONS = 8;

/**
 * Puts a PgBouncer in transaction mode before a database. It accepts no startup parameter that it does not know, and its
 * connections keep what a client leaves behind in a session. Stopping it also stops the database.
 * @param maxPreparedStatements that it prepares for its clients on each connection, from version 1.21 on
 */
export async function behindPgBouncer(
  database: TestPostgres,
  { maxPreparedStatements = 0 } = {},
): Promise<TestPostgres> {
  if (PROGRAM === undefined) throw new Error('pgbouncer is not installed (apt: pgbouncer)');
  const { hostname, port, username } = new URL(database.url);
  const dir = await mkdtemp(join(tmpdir(), 'test-pgbouncer-'));
  const ownPort = await findFreePort();
  const users = join(dir, 'users');
  const config = join(dir, 'pgbouncer.ini');
  await writeFile(users, `"${username}" ""\n`);
  await writeFile(
    config,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
auth_user = ${username}
pool_mode = transaction
default_pool_size = ${CONNECTIONS}
max_client_conn = 500
${tracksStatements ? `max_prepared_statements = ${maxPreparedStatements}\n` : ''}`,
  );
  // It refuses to run as root, and reads its files as the other user.
  await chmod(dir, 0o755);
  const asOther = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(PROGRAM, [...asOther, config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(dir, { recursive: true });
  };
  await untilReady(child.stderr, exited).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const url = new URL(database.url);
  url.port = String(ownPort);
  return {
    url: url.href,
    async stop() {
      await stop();
      await database.stop();
    },
  };
}

/** Also reads its log for as long as it runs: it would wait on a full pipe. */
function untilReady(log: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    log.setEncoding('utf8').on('data', (part: string) => {
      if (text.length < 10_000) text += part;
      if (text.includes('process up')) resolve();
    });
    void exited.then(() => reject(new Error(`PgBouncer has ended:\n${text}`)));
  });
}
