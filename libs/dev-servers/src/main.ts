import { join, resolve } from 'node:path';
import { CliError, createTool, print, runTool } from '#libs/cli';
import type { DevServer } from './process/server-process.js';
import { startEventStore, startKafka, startMail, startPostgres } from './start-servers.js';

/* Starts the development servers alone: `npm run dev-servers -- --help`. */

const program = createTool(
  'npm run dev-servers --',
  'Starts the event store, the broker, PostgreSQL and the mail server on this machine, without the apps. ' +
    'Prints their addresses. Ctrl-C stops them.',
)
  .option('--data-dir <directory>', 'where they keep their data', '.standalone/dev-servers')
  .action(({ dataDir }: { dataDir: string }) => runServers(resolve(dataDir)));

await runTool(program, { errorPrefix: 'dev-servers' });

async function runServers(dataDir: string): Promise<void> {
  if (process.env['NODE_ENV'] === 'production')
    throw new CliError('development servers refuse to run with NODE_ENV=production');
  const running: DevServer<unknown>[] = [];
  const stopAll = () => Promise.all(running.map((server) => server.stop()));
  let isStopping = false;
  const exit = async (code: number) => {
    if (isStopping) return;
    isStopping = true;
    await stopAll();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void exit(0));
  const track = async <Addresses>(starting: Promise<DevServer<Addresses>>): Promise<Addresses> => {
    const server = await starting;
    running.push(server);
    return server.addresses;
  };
  const starting = [
    track(startEventStore({ dataDir: join(dataDir, 'eventstore') })),
    track(startKafka({ dataDir: join(dataDir, 'kafka') })),
    track(startPostgres({ dataDir: join(dataDir, 'postgres') })),
    track(startMail({ dataDir: join(dataDir, 'mail') })),
  ] as const;
  try {
    const [eventStore, kafka, postgres, mail] = await Promise.all(starting);
    print(`EventStore  ${eventStore.url}`);
    print(`Kafka       ${kafka.brokers}`);
    print(`PostgreSQL  ${postgres.url}`);
    print(`SMTP        ${mail.smtpUrl}`);
    print(`Mail        ${mail.url}`);
    print(`\nThe data is kept in ${dataDir}. Ctrl-C stops all servers.`);
  } catch (error) {
    await Promise.allSettled(starting);
    await stopAll();
    throw error;
  }
  // A server that ends by itself has printed the reason.
  for (const server of running) void server.exited.then(() => exit(1));
}
