import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createTool, runTool } from '#libs/cli';
import { readTextKeys } from './identity/dev-issuer.js';
import { eventStoreLogin, eventStoreUserOf } from './servers/event-store-logins.js';
import { readEndpoints, PROJECT } from './state/state-directory.js';

const program = createTool(
  'tool',
  'Runs a tool of an app with the addresses of the standalone service for those that the environment does not set. A ' +
    "deployment runs the tool itself, with the app's environment.",
)
  .argument('<tool>', '<app>/src/<tool>.main.js')
  .argument('[arguments...]', 'of the tool')
  .passThroughOptions()
  .action(runWithAddresses);

await runTool(program);

async function runWithAddresses(tool: string, args: readonly string[]): Promise<void> {
  const endpoints = await readEndpoints();
  const textKeys = await readTextKeys();
  const found = endpoints && {
    ...(textKeys === undefined ? {} : { TEXT_KEYS: textKeys }),
    KAFKA_BROKERS: endpoints.kafka,
    EVENTSTORE_URL: endpoints.eventStore,
    DATABASE_URL: endpoints.postgres,
    ...(endpoints.eventStoreUsers !== undefined && !process.env['EVENTSTORE_URL']
      ? eventStoreLogin(eventStoreUserOf(tool))
      : {}),
  };
  const child = spawn(process.execPath, [...process.execArgv, join(PROJECT, 'dist/apps', tool), ...args], {
    env: { ...found, ...process.env },
    stdio: 'inherit',
  });
  // Ctrl-C reaches the whole process group: the tool decides how to stop.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
