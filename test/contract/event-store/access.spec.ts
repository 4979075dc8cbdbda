import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AccessDeniedError,
  EventStoreDBClient,
  jsonEvent,
  START,
  type Credentials,
  type JSONType,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { closeEventStore } from '#libs/event-store';
import { openSecureEventStore } from '../../support/secure-event-store.js';
import { collect, event, failureOf, numbersOf, take, uniqueName } from './support.js';

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
const ADMIN: Credentials = { username: 'admin', password: 'changeit' };

let url: string;
let stop: () => Promise<void>;
const clients: EventStoreDBClient[] = [];

beforeAll(async () => {
  const store = await openSecureEventStore();
  url = store.url;
  stop = () => store.stop();
}, 20_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => closeEventStore(client)));
  await stop?.();
}, 20_000);

function clientOf(credentials?: Credentials): EventStoreDBClient {
  const { username, password } = credentials ?? {};
  const user = credentials ? `${username}:${encodeURIComponent(password!)}@` : '';
  const client = EventStoreDBClient.connectionString(url.replace('esdb://', `esdb://${user}`));
  clients.push(client);
  return client;
}

async function post(path: string, body: unknown, by: Credentials | undefined): Promise<number> {
  const { host, searchParams } = new URL(url.replace('esdb:', 'https:'));
  const caFile = searchParams.get('tlsCAFile');
  const sent = request(`https://${host}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(by ? { auth: `${by.username}:${by.password}` } : {}),
    ...(caFile ? { ca: readFileSync(caFile) } : {}),
  });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  response.resume();
  return response.statusCode;
}

async function newUser(groups: string[] = []): Promise<Credentials> {
  const username = `user-${randomUUID()}`;
  const password = 'a b:c%é';
  const made = { loginName: username, fullName: 'A user', groups, password };
  expect(await post('/users/', made, ADMIN)).toBe(201);
  return { username, password };
}

const readAll = (client: EventStoreDBClient) => collect(client.readAll({ fromPosition: START, maxCount: 1 }));

describe('a user without groups', () => {
  it("appends to users' streams and reads them", async () => {
    const client = clientOf(await newUser());
    const stream = uniqueName('own');
    await client.appendToStream(stream, event(1));
    await client.appendToStream(stream, event(2));
    expect(numbersOf(await collect(client.readStream(stream)))).toEqual([1, 2]);
    expect(numbersOf(await take(client.subscribeToStream(stream), 2))).toEqual([1, 2]);
  });

  it('may read and subscribe to $all only after an administrator has allowed it', async () => {
    const user = await newUser();
    const client = clientOf(user);
    const admin = clientOf(ADMIN);
    expect(await failureOf(readAll(client))).toMatchObject({ code: PERMISSION_DENIED });
    expect(await failureOf(take(client.subscribeToAll(), 1))).toMatchObject({ code: PERMISSION_DENIED });
    const readRoles = [user.username, '$admins'];
    await admin.appendToStream('$$$all', metadata({ $acl: { $r: readRoles } }));
    expect(await readAll(client)).toHaveLength(1);
    expect(await take(client.subscribeToAll(), 1)).toHaveLength(1);
    expect(await failureOf(readAll(clientOf(await newUser())))).toMatchObject({ code: PERMISSION_DENIED });
    await admin.appendToStream('$$$all', metadata({}));
    expect(await failureOf(readAll(client))).toMatchObject({ code: PERMISSION_DENIED });
  });

  it('may neither change who reads $all nor write to system streams', async () => {
    const client = clientOf(await newUser());
    for (const stream of ['$$$all', '$settings', `$user-${randomUUID()}`]) {
      expect(await failureOf(client.appendToStream(stream, metadata({})))).toBeInstanceOf(AccessDeniedError);
    }
  });

  it('may not create users', async () => {
    const made = { loginName: `user-${randomUUID()}`, fullName: 'A user', groups: [], password: 'p' };
    expect(await post('/users/', made, await newUser())).toBe(401);
    expect(await post('/users/', made, undefined)).toBe(401);
  });

  it("writes to a user's stream only if its metadata allow it", async () => {
    const [one, other] = [await newUser(), await newUser()];
    const stream = uniqueName('narrowed');
    await clientOf(ADMIN).appendToStream(
      `$$${stream}`,
      metadata({ $acl: { $w: one.username, $d: '$admins' } }),
    );
    await clientOf(one).appendToStream(stream, event(1));
    expect(await failureOf(clientOf(other).appendToStream(stream, event(2)))).toBeInstanceOf(
      AccessDeniedError,
    );
    expect(await failureOf(clientOf(one).deleteStream(stream))).toMatchObject({ code: PERMISSION_DENIED });
    expect(numbersOf(await collect(clientOf(other).readStream(stream)))).toEqual([1]);
  });
});

describe('a wrong password', () => {
  it('gets UNAUTHENTICATED for appends of both kinds, reads and subscriptions', async () => {
    const { username } = await newUser();
    const wrong = { username, password: 'wrong' };
    const client = clientOf(wrong);
    const stream = uniqueName('wrong');
    for (const failing of [
      () => client.appendToStream(stream, event(1)),
      () => clientOf().appendToStream(stream, event(1), { credentials: wrong }),
      () => collect(client.readStream(stream)),
      () => readAll(client),
      () => take(client.subscribeToAll(), 1),
    ]) {
      expect(await failureOf(failing())).toMatchObject({ code: UNAUTHENTICATED });
    }
  });

  it('gets UNAUTHENTICATED for an unknown user, too', async () => {
    const client = clientOf({ username: `nobody-${randomUUID()}`, password: 'x' });
    expect(await failureOf(readAll(client))).toMatchObject({ code: UNAUTHENTICATED });
  });
});

describe('a changed password', () => {
  it('makes the old one invalid at once', async () => {
    const user = await newUser();
    const client = clientOf(user);
    const stream = uniqueName('changed');
    await client.appendToStream(stream, event(1));
    expect(await post(`/users/${user.username}/command/reset-password`, { newPassword: 'new' }, ADMIN)).toBe(
      200,
    );
    expect(await failureOf(readAll(client))).toMatchObject({ code: UNAUTHENTICATED });
    await clientOf({ ...user, password: 'new' }).appendToStream(stream, event(2));
  });
});

describe('an anonymous client', () => {
  it('is denied appends and reads', async () => {
    const client = clientOf();
    const stream = uniqueName('anonymous');
    await clientOf(ADMIN).appendToStream(stream, event(1));
    expect(await failureOf(client.appendToStream(stream, event(1)))).toBeInstanceOf(AccessDeniedError);
    expect(await failureOf(collect(client.readStream(stream)))).toMatchObject({ code: PERMISSION_DENIED });
    expect(await failureOf(readAll(client))).toMatchObject({ code: PERMISSION_DENIED });
  });
});

describe('an administrator', () => {
  it("reads $all with the server's own events", async () => {
    const found: ResolvedEvent[] = await collect(
      clientOf(ADMIN).readAll({ fromPosition: START, maxCount: 200 }),
    );
    const types = found.map((one) => one.event!.type);
    expect(types).toContain('$UserCreated');
    expect(types).toContain('$metadata');
  });
});

function metadata(data: JSONType) {
  return jsonEvent({ type: '$metadata', data });
}
