import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readEndpoints } from './endpoints.js';
import { PROJECT } from './paths.js';

/*
 * Runs an app's tool, `node tool.main.js <app>/src/<tool>.main.js [arguments]`, with the addresses of the standalone
 * service for those that the environment does not give. A deployment runs the tool itself, with the app's environment.
 */
const [tool, ...args] = process.argv.slice(2);
const endpoints = await readEndpoints();
const found = endpoints && {
  KAFKA_BROKERS: endpoints.kafka,
  EVENTSTORE_URL: endpoints.eventStore,
  DATABASE_URL: endpoints.postgres,
};
const child = spawn(process.execPath, [...process.execArgv, join(PROJECT, 'dist/apps', tool!), ...args], {
  env: { ...found, ...process.env },
  stdio: 'inherit',
});
// Ctrl-C reaches the whole process group: the tool decides what it means.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
