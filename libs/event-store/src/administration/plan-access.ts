import { AccessDeniedError, type EventStoreDBClient } from '@eventstore/db-client';
import { createClient, readConnection, type EventStoreAddress } from '../connection/connection.js';
import { closeEventStore } from '../wire/response-timeout.js';
import { CLOCK_STREAM, CLOCK_STREAM_METADATA } from '../clock-skew.js';
import { ADMINS, grant, isForEveryone, type AccessList, type Right } from './access-list.js';
import { INSTALLATION_USERS, type InstallationUser } from './installation-users.js';
import {
  metadataStreamOf,
  readDocument,
  SETTINGS_STREAM,
  writeDocument,
  type SystemDocument,
} from './system-document.js';
import { UserAccounts } from './user-accounts.js';

/** One change of the event store's users or rights. */
export interface AccessChange {
  readonly description: string;
  apply(): Promise<void>;
}

export interface AccessPlan {
  /** In the order in which they must be applied; none if the event store is as it should be. */
  readonly changes: readonly AccessChange[];
  /** What an operator should know, although it is not changed. */
  readonly notes: readonly string[];
}

interface AccessOptions {
  /** By login. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Leaves the default rights of users' streams as they are, because other applications' users rely on them. */
  readonly keepStreamDefaults: boolean;
}

/**
 * Compares the users and rights of an event store with those that the service needs.
 * @param client of an administrator, at the address
 * @throws AccessDeniedError if the client's user is not an administrator
 */
export async function planAccess(
  client: EventStoreDBClient,
  address: EventStoreAddress,
  { passwords, keepStreamDefaults }: AccessOptions,
): Promise<AccessPlan> {
  const changes: AccessChange[] = [];
  const notes: string[] = [];
  for (const user of INSTALLATION_USERS)
    changes.push(...(await planUser(client, address, user, passwords.get(user.login)!)));
  changes.push(...(await planLog(client)), ...(await planClockStream(client)));
  if (keepStreamDefaults) notes.push("the default rights of users' streams are kept: every user may append");
  else {
    const settings = await readDocument(client, SETTINGS_STREAM);
    changes.push(...planStreamDefaults(client, settings));
    if (isForEveryone(defaultsOf(settings), '$w'))
      notes.push(`${SETTINGS_STREAM} explicitly lets every user append to users' streams; this is kept`);
  }
  for (const login of ['admin', 'ops'])
    if (await isPasswordOf(address, login, DEFAULT_PASSWORD))
      notes.push(`the user ${login} still has EventStoreDB's default password: change it`);
  return { changes, notes };
}

const DEFAULT_PASSWORD = 'changeit';

async function planUser(
  client: EventStoreDBClient,
  address: EventStoreAddress,
  { login, purpose }: InstallationUser,
  password: string,
): Promise<AccessChange[]> {
  const accounts = new UserAccounts(client);
  const found = await accounts.find(login);
  if (found === undefined)
    return [
      {
        description: `create the user ${login} (${purpose})`,
        apply: () => accounts.create(login, login, password),
      },
    ];
  const changes: AccessChange[] = [];
  // A disabled user cannot log in, so whether the password is right would not be known.
  if (found.isDisabled)
    changes.push({ description: `enable the user ${login}`, apply: () => accounts.enable(login) });
  if (found.isDisabled || !(await isPasswordOf(address, login, password)))
    changes.push({
      description: `set the password of the user ${login} to the one in its file`,
      apply: () => accounts.resetPassword(login, password),
    });
  return changes;
}

async function isPasswordOf(address: EventStoreAddress, login: string, password: string): Promise<boolean> {
  const client = createClient({ ...readConnection(address), credentials: { username: login, password } });
  try {
    await new UserAccounts(client).find(login);
    return true;
  } catch (error) {
    if (error instanceof AccessDeniedError) return false;
    throw error;
  } finally {
    await closeEventStore(client);
  }
}

const loginsOf = (needs: (user: InstallationUser) => boolean): string[] =>
  INSTALLATION_USERS.filter(needs).map(({ login }) => login);

/** By default only administrators read `$all`. */
async function planLog(client: EventStoreDBClient): Promise<AccessChange[]> {
  const document = await readDocument(client, metadataStreamOf('$all'));
  const granted = grant(
    listOf(document.data['$acl']),
    '$r',
    loginsOf(({ readsLog }) => readsLog),
  );
  if (granted === undefined) return [];
  return [
    {
      description: `let ${granted.added.join(', ')} read $all`,
      apply: () => writeDocument(client, document, { ...document.data, $acl: granted.list }),
    },
  ];
}

/** The command app compares clocks with a stream of its own, but only administrators may limit its age. */
async function planClockStream(client: EventStoreDBClient): Promise<AccessChange[]> {
  const document = await readDocument(client, metadataStreamOf(CLOCK_STREAM));
  if (document.data['$maxAge'] !== undefined) return [];
  return [
    {
      description: `let the server forget events of ${CLOCK_STREAM} after an hour`,
      apply: () => writeDocument(client, document, { ...document.data, ...CLOCK_STREAM_METADATA }),
    },
  ];
}

const USER_STREAM_DEFAULTS = '$userStreamAcl';

const defaultsOf = ({ data }: SystemDocument): AccessList => listOf(data[USER_STREAM_DEFAULTS]);

/** By default every user may do everything with streams that are not the server's own. */
function planStreamDefaults(client: EventStoreDBClient, settings: SystemDocument): AccessChange[] {
  const wanted: readonly (readonly [Right, string, readonly string[]])[] = [
    ['$r', 'read', loginsOf(() => true)],
    ['$w', 'append', loginsOf(({ writesAccounts }) => writesAccounts)],
    ['$d', 'delete', []],
    ['$mw', 'change rights', []],
  ];
  let list = defaultsOf(settings);
  const described: string[] = [];
  for (const [right, verb, logins] of wanted) {
    const wasDefault = list[right] === undefined;
    const granted = grant(list, right, logins);
    if (granted === undefined) continue;
    list = granted.list;
    const who = [...(wasDefault ? [ADMINS] : []), ...granted.added].join(', ');
    described.push(`${wasDefault ? 'only ' : ''}${who} may ${verb}`);
  }
  if (described.length === 0) return [];
  return [
    {
      description: `set the rights of all streams that are not the server's own (${SETTINGS_STREAM}): ${described.join('; ')}`,
      apply: () => writeDocument(client, settings, { ...settings.data, [USER_STREAM_DEFAULTS]: list }),
    },
  ];
}

const listOf = (value: unknown): AccessList =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AccessList) : {};
