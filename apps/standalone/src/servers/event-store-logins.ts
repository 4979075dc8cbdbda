import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  closeEventStore,
  connectEventStore,
  INSTALLATION_USERS,
  planAccess,
  type EventStoreConfig,
} from '#libs/event-store';
import { STATE } from '../state/state-directory.js';

/** How each app connects to the event store. */
export interface EventStoreLogins {
  readonly command: EventStoreConfig;
  readonly projector: EventStoreConfig;
}

/** Holds a file with the password of each user, as the tool event-store-users expects it. */
export const EVENTSTORE_USERS = join(STATE, 'eventstore-users');

const ADMIN = 'admin';
/** The password with which EventStoreDB and the development server create their administrator. */
const ADMIN_PASSWORD = 'changeit';

/** The login of one user of the embedded event store. */
export const eventStoreLogin = (user: string): Omit<EventStoreConfig, 'EVENTSTORE_URL'> => ({
  EVENTSTORE_USERNAME: user,
  EVENTSTORE_PASSWORD_FILE: join(EVENTSTORE_USERS, user),
});

/**
 * The user of a tool that runs beside the service: its own, or the one that may only read.
 * @param main path of the tool below dist/apps
 */
export function eventStoreUserOf(main: string): string {
  if (main.endsWith('event-store-users.main.js') || main.endsWith('sample-history.main.js')) return ADMIN;
  return main.startsWith('projector/') ? 'invitations-projector' : 'invitations-analyst';
}

/** Creates the users of the embedded event store with their rights, with passwords that only this service knows. */
export async function createEventStoreUsers(url: string): Promise<EventStoreLogins> {
  await mkdir(EVENTSTORE_USERS, { recursive: true, mode: 0o700 });
  await writeOnce(ADMIN, ADMIN_PASSWORD);
  const passwords = new Map<string, string>();
  for (const { login } of INSTALLATION_USERS) {
    await writeOnce(login, randomBytes(24).toString('base64url'));
    passwords.set(login, readFileSync(join(EVENTSTORE_USERS, login), 'utf8'));
  }
  const admin = { EVENTSTORE_URL: url, ...eventStoreLogin(ADMIN) };
  const client = connectEventStore(admin);
  try {
    const { changes } = await planAccess(client, admin, { passwords, keepStreamDefaults: false });
    for (const change of changes) await change.apply();
  } finally {
    await closeEventStore(client);
  }
  return {
    command: { EVENTSTORE_URL: url, ...eventStoreLogin('invitations-command') },
    projector: { EVENTSTORE_URL: url, ...eventStoreLogin('invitations-projector') },
  };
}

/** Keeps the password of an earlier run. */
async function writeOnce(login: string, password: string): Promise<void> {
  try {
    await writeFile(join(EVENTSTORE_USERS, login), password, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
