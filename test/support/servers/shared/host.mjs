// A process that runs many development servers for one run of jest, so that each spec gets empty ones without the cost
// of a process for each. It starts with the first request (`start-host.mjs`), and ends with the run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Client } from 'pg';
// The built project. A computed path, because checks of imports also run before a build.
const { openEventStore, openKafka, openMail, startPostgres } = await import(
  new URL('../../../../dist/libs/dev-servers/src/index.js', import.meta.url).href
);

// The same setting as in the event store's own process.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

const OPEN = { eventStore: openEventStore, kafka: openKafka, mail: openMail };

/** The running servers and their directories, by number. */
const servers = new Map();
let next = 1;
/** One PostgreSQL for all specs, which create their own databases. */
let postgres;
/** The service for specs that neither kill its apps nor configure them. */
let service;

async function open(kind, settings) {
  if (kind === 'postgres') {
    postgres ??= start('postgres', (dataDir) => startPostgres({ dataDir, durable: false }));
    return { addresses: (await postgres).addresses };
  }
  if (kind === 'service') {
    service ??= startService(settings);
    return { addresses: await service };
  }
  const { id, addresses } = await start(kind, (dataDir) => OPEN[kind]({ dataDir, ...settings }));
  return { id, addresses };
}

/** Starts the apps like `npm start`, on servers of this process. */
async function startService({ env }) {
  const [eventStore, kafka, mail, database] = await Promise.all([
    open('eventStore'),
    open('kafka'),
    open('mail'),
    open('postgres').then(({ addresses }) => createDatabase(addresses.url, 'service')),
  ]);
  const { addresses } = await start('service', async (dir) => {
    const main = fileURLToPath(new URL('../../../../dist/apps/standalone/src/main.js', import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main], {
      env: {
        STANDALONE_DIR: dir,
        EVENTSTORE_URL: eventStore.addresses.url,
        KAFKA_BROKERS: kafka.addresses.brokers,
        DATABASE_URL: database,
        SMTP_URL: mail.addresses.smtpUrl,
        MAIL_URL: mail.addresses.url,
        // It ends with its parent.
        npm_lifecycle_event: 'start',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    let output = '';
    const ready = new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => {
          output += text;
          if (output.includes('is ready after')) resolve();
        });
      exited.then(() => reject(new Error(`the service has ended:\n${output}`)), reject);
    });
    await ready;
    const stop = async () => {
      child.kill('SIGTERM');
      await exited;
    };
    const endpoints = JSON.parse(await readFile(join(dir, 'endpoints.json')));
    return { addresses: { dir, pid: child.pid, endpoints }, stop };
  });
  return addresses;
}

async function createDatabase(server, name) {
  const client = new Client(server);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return server.replace(/\/[^/]*$/, `/${name}`);
}

async function start(kind, startIn) {
  const dataDir = await mkdtemp(join(tmpdir(), `shared-${kind}-`));
  const server = await startIn(dataDir);
  const id = next++;
  servers.set(id, { server, dataDir });
  return { id, addresses: server.addresses };
}

async function close(id) {
  const { server, dataDir } = servers.get(id) ?? {};
  servers.delete(id);
  await server?.stop();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
}

async function closeAll() {
  // The latest first, so that a service ends before its servers.
  for (const id of [...servers.keys()].toReversed()) await close(id).catch(() => undefined);
  process.exit(0);
}

async function handle({ kind, settings, id }) {
  if (kind !== undefined) return open(kind, settings);
  await close(id);
  return {};
}

process.on('message', ({ request, end, ...message }) => {
  if (end) {
    void closeAll();
    return;
  }
  handle(message).then(
    (result) => process.send({ request, result }),
    (error) => process.send({ request, failed: error.message }),
  );
});
process.once('disconnect', () => void closeAll());
// Ctrl-C reaches the whole process group, but jest's process decides when to end.
process.on('SIGINT', () => {
  if (!process.connected) void closeAll();
});
