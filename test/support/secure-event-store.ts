import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '#libs/dev-servers';
import { INSTALLATION_USERS, type EventStoreConfig } from '#libs/event-store';
import { openTestEventStore } from './event-store.js';
import { realServers } from './real-servers.js';
import { runTool } from './run-tool.js';
import { hasSharedServers, openSharedServer } from './shared-servers.js';
import type { TestEventStore } from './test-servers.js';

/** The administrator's password on the servers that tests use. */
export const ADMIN = { username: 'admin', password: 'changeit' };

/**
 * Opens an event store with TLS and users: that of EVENTSTORE_SECURE_URL, which names its authority's certificate as `tlsCAFile`,
 * or a development server.
 */
export async function openSecureEventStore(): Promise<TestEventStore> {
  const given = process.env['EVENTSTORE_SECURE_URL'];
  if (given) return { url: given, stop: () => Promise.resolve() };
  if (hasSharedServers()) return openSharedServer('eventStore', { secure: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
  const server = await startEventStore({ dataDir, secure: true });
  return {
    url: server.addresses.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** An event store with the users of a deployment. */
export interface EventStoreWithUsers extends TestEventStore {
  /** Of an administrator, for what a test itself reads and writes. */
  readonly url: string;
  readonly command: EventStoreConfig;
  readonly projector: EventStoreConfig;
}

/**
 * Opens a development server with TLS, and creates the users of the service with its tool. Another event store that the run asks
 * for is used as it is.
 */
export async function openEventStoreWithUsers(): Promise<EventStoreWithUsers> {
  const isGiven = ['EVENTSTORE_URL', 'EVENTSTORE_COMMAND'].some((name) => process.env[name]);
  if (isGiven || realServers().has('containers') || !hasSharedServers()) {
    const store = await openTestEventStore();
    const config = { EVENTSTORE_URL: store.url };
    return { ...store, stop: () => store.stop(), command: config, projector: config };
  }
  const store = await openSharedServer('eventStore', { secure: true });
  const passwords = await mkdtemp(join(tmpdir(), 'event-store-users-'));
  const configOf = (user: string): EventStoreConfig => ({
    EVENTSTORE_URL: store.url,
    EVENTSTORE_USERNAME: user,
    EVENTSTORE_PASSWORD_FILE: join(passwords, user),
  });
  await writeFile(join(passwords, ADMIN.username), ADMIN.password);
  for (const { login } of INSTALLATION_USERS) await writeFile(join(passwords, login), `password of ${login}`);
  const env = configOf(ADMIN.username) as unknown as Record<string, string>;
  const { code, out, err } = await runTool(
    'command/src/event-store-users.main.js',
    ['--passwords', passwords, '--yes'],
    { env },
  );
  if (code !== 0) throw new Error(`event-store-users has failed: ${out}${err}`);
  return {
    url: store.url.replace('esdb://', `esdb://${ADMIN.username}:${ADMIN.password}@`),
    command: configOf('invitations-command'),
    projector: configOf('invitations-projector'),
    async stop() {
      await store.stop();
      await rm(passwords, { recursive: true, force: true });
    },
  };
}
