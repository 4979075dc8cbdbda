import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  jsonEvent,
  START,
  streamNameFilter,
  type EventStoreDBClient,
  type JSONType,
} from '@eventstore/db-client';
import users from '@eventstore/db-client/generated/users_pb.js';
import { internalsOf, UsersClient } from '../../../libs/event-store/src/wire/client-internals.js';
import {
  closeEventStore,
  connectEventStore,
  eventStoreCheck,
  INSTALLATION_USERS,
  planAccess,
  streamOf,
  STREAM_PREFIX,
  type EventStoreConfig,
} from '#libs/event-store';
import { checkServer } from '#libs/platform';
import type { TestEventStore } from '../../support/event-store.js';
import { ADMIN, openSecureEventStore } from '../../support/secure-event-store.js';
import { collect, event, failureOf, take } from './support.js';

const COMMAND = 'invitations-command';
const PROJECTOR = 'invitations-projector';
const READERS = ['invitations-projector', 'invitations-replay', 'invitations-analyst'];

let store: TestEventStore;
let folder: string;
let admin: EventStoreDBClient;
const clients: EventStoreDBClient[] = [];
let passwords: Map<string, string>;

beforeAll(async () => {
  store = await openSecureEventStore();
  folder = mkdtempSync(join(tmpdir(), 'users-'));
  writeFileSync(join(folder, ADMIN.username), ADMIN.password);
  admin = clientOf(ADMIN.username);
}, 20_000);
afterAll(async () => {
  if (admin !== undefined) await forgetRights();
  await Promise.all(clients.map(closeEventStore));
  await store?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

beforeEach(async () => {
  passwords = new Map(INSTALLATION_USERS.map(({ login }) => [login, `password of ${login}`]));
  await forgetRights();
  await bootstrap();
});

/** The access lists as a new server has them. */
async function forgetRights(): Promise<void> {
  await setDocument('$$$all', '$metadata', {});
  await setDocument('$settings', '$settings', {});
}

async function setDocument(stream: string, type: string, data: JSONType): Promise<void> {
  await admin.appendToStream(stream, jsonEvent({ type, data }));
}

async function documentOf(stream: string): Promise<JSONType> {
  const [last] = await collect(
    admin.readStream(stream, { direction: 'backwards', fromRevision: 'end', maxCount: 1 }),
  );
  return last!.event!.data as JSONType;
}

function config(login: string): EventStoreConfig {
  const { host, searchParams } = new URL(store.url.replace('esdb:', 'https:'));
  return {
    EVENTSTORE_URL: `esdb://${host}`,
    EVENTSTORE_CA_FILE: searchParams.get('tlsCAFile')!,
    EVENTSTORE_USERNAME: login,
    EVENTSTORE_PASSWORD_FILE: join(folder, login),
  };
}

function clientOf(login: string): EventStoreDBClient {
  const password = login === ADMIN.username ? ADMIN.password : passwords.get(login)!;
  writeFileSync(join(folder, login), password);
  const client = connectEventStore(config(login));
  clients.push(client);
  return client;
}

const plan = (keepStreamDefaults = false) =>
  planAccess(admin, config(ADMIN.username), { passwords, keepStreamDefaults });

/** @returns what was changed */
async function bootstrap(keepStreamDefaults = false): Promise<string[]> {
  const { changes } = await plan(keepStreamDefaults);
  for (const change of changes) await change.apply();
  return changes.map(({ description }) => description);
}

let accounts = 0;
const newAccount = () => streamOf(`member-${process.pid}-${(accounts += 1)}`);
const readLog = (client: EventStoreDBClient) => collect(client.readAll({ fromPosition: START, maxCount: 1 }));
const DENIED = { type: 'access-denied' };

describe('planAccess', () => {
  it('finds nothing to change after all changes were made', async () => {
    expect((await plan()).changes).toEqual([]);
  });

  it('tells of the default password of an administrator', async () => {
    expect((await plan()).notes.join()).toContain("the user admin still has EventStoreDB's default password");
  });

  it('sets a password that differs from the one in the file, and the former one is refused', async () => {
    const former = clientOf(PROJECTOR);
    await readLog(former);
    passwords.set(PROJECTOR, 'rotated');
    expect(await bootstrap()).toEqual([expect.stringContaining(`password of the user ${PROJECTOR}`)]);
    expect(await failureOf(readLog(former))).toMatchObject({ ...DENIED, code: 16 });
    await readLog(clientOf(PROJECTOR));
  });

  it('enables a user that was disabled', async () => {
    const internals = internalsOf(admin);
    const request = new users.DisableReq().setOptions(new users.DisableReq.Options().setLoginName(PROJECTOR));
    await internals.execute(
      UsersClient,
      'disable',
      (stub) =>
        new Promise<void>((resolve, reject) => {
          stub.disable(request, ...internals.callArguments({}, {}), (error) =>
            error ? reject(error) : resolve(),
          );
        }),
    );
    expect(await failureOf(readLog(clientOf(PROJECTOR)))).toMatchObject({ code: 16 });
    expect(await bootstrap()).toContain(`enable the user ${PROJECTOR}`);
    await readLog(clientOf(PROJECTOR));
  });

  it('keeps the rights of other users, and all other settings', async () => {
    await setDocument('$$$all', '$metadata', { $acl: { $r: 'audit', $w: 'x' }, note: 1 });
    await setDocument('$settings', '$settings', {
      $userStreamAcl: { $w: ['other-app'] },
      $systemStreamAcl: { $r: 'audit' },
    });
    await bootstrap();
    expect(await documentOf('$$$all')).toEqual({ $acl: { $r: ['audit', ...READERS], $w: 'x' }, note: 1 });
    expect(await documentOf('$settings')).toMatchObject({
      $userStreamAcl: { $w: ['other-app', COMMAND], $d: ['$admins'] },
      $systemStreamAcl: { $r: 'audit' },
    });
  });

  it("leaves the default rights of users' streams to others if it is told so", async () => {
    await forgetRights();
    expect((await bootstrap(true)).join()).not.toContain('$settings');
    expect(await documentOf('$settings')).toEqual({});
    await clientOf(PROJECTOR).appendToStream(newAccount(), event());
  });
});

describe('the user of the command app', () => {
  it("appends to accounts' streams and reads them", async () => {
    const client = clientOf(COMMAND);
    const stream = newAccount();
    await client.appendToStream(stream, event());
    expect(await collect(client.readStream(stream))).toHaveLength(1);
    await expect(checkServer(eventStoreCheck(config(COMMAND), 'writes accounts'))).resolves.toBeUndefined();
  });

  it('may not read $all, delete a stream, or change rights', async () => {
    const client = clientOf(COMMAND);
    const stream = newAccount();
    await client.appendToStream(stream, event());
    expect(await failureOf(readLog(client))).toMatchObject(DENIED);
    expect(await failureOf(client.deleteStream(stream))).toMatchObject(DENIED);
    expect(await failureOf(client.tombstoneStream(stream))).toMatchObject(DENIED);
    expect(await failureOf(client.setStreamMetadata(stream, {}))).toMatchObject(DENIED);
    const { message } = (await failureOf(
      checkServer(eventStoreCheck(config(COMMAND), 'reads the log')),
    )) as Error;
    expect(message).toContain('access denied: the user may not read $all; the tool event-store-users');
  });
});

describe.each(READERS)('the user %s', (login) => {
  it("reads and subscribes to $all, and reads accounts' streams", async () => {
    const client = clientOf(login);
    const stream = newAccount();
    await admin.appendToStream(stream, event());
    await readLog(client);
    const filter = streamNameFilter({ prefixes: [STREAM_PREFIX] });
    expect(await take(client.subscribeToAll({ fromPosition: START, filter }), 1)).toHaveLength(1);
    expect(await collect(client.readStream(stream))).toHaveLength(1);
    await expect(checkServer(eventStoreCheck(config(login), 'reads the log'))).resolves.toBeUndefined();
  });

  it('may not append', async () => {
    const client = clientOf(login);
    expect(await failureOf(client.appendToStream(newAccount(), event()))).toMatchObject(DENIED);
    const { message } = (await failureOf(
      checkServer(eventStoreCheck(config(login), 'writes accounts')),
    )) as Error;
    expect(message).toContain("access denied: the user may not append to accounts' streams");
  });

  it('may not manage users', async () => {
    clientOf(login);
    const { message } = (await failureOf(
      checkServer(eventStoreCheck(config(login), 'administers')),
    )) as Error;
    expect(message).toContain('not in the group $admins');
  });
});
