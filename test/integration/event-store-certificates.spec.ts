import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AccessDeniedError, jsonEvent } from '@eventstore/db-client';
import {
  closeEventStore,
  connectEventStore,
  EventStoreConnector,
  type EventStoreConfig,
  type EventStoreDBClient,
  ReconnectingClient,
  RenewingClient,
} from '#libs/event-store';
import { readAll } from '#libs/event-store/read-only';
import { createCertificateAuthority } from '../../libs/dev-servers/src/certificates/certificate-authority.js';
import { caFileOf, userFilesOf } from '../../libs/dev-servers/src/eventstore/node-certificates.js';
import { openEventStore } from '../../libs/dev-servers/src/eventstore/open-event-store.js';
import { UserAccounts } from '../../libs/event-store/src/administration/user-accounts.js';
import type { TestEventStore } from '../support/event-store.js';
import { ADMIN, openSecureEventStore } from '../support/secure-event-store.js';

const stranger = createCertificateAuthority('Another CA', new Date());
const folder = mkdtempSync(join(tmpdir(), 'event-store-certificates-'));
const EVENTSTORE_CA_FILE = join(folder, 'ca.crt');
let store: TestEventStore;
let realCaFile: string;
let connector: EventStoreConnector;

/** Replaces the file at once, as Kubernetes does. */
function replaceCaFile(write: (path: string) => void): void {
  write(join(folder, 'new'));
  renameSync(join(folder, 'new'), EVENTSTORE_CA_FILE);
}

beforeAll(async () => {
  store = await openSecureEventStore();
  realCaFile = new URL(store.url.replace('esdb:', 'https:')).searchParams.get('tlsCAFile')!;
}, 60_000);
afterAll(async () => {
  await store?.stop();
  rmSync(folder, { recursive: true });
}, 60_000);

beforeEach(() => {
  replaceCaFile((path) => writeFileSync(path, stranger.ca));
  writeFileSync(join(folder, 'password'), ADMIN.password);
  const { host } = new URL(store.url.replace('esdb:', 'https:'));
  connector = new EventStoreConnector({
    EVENTSTORE_URL: `esdb://${host}`,
    EVENTSTORE_CA_FILE,
    EVENTSTORE_USERNAME: ADMIN.username,
    EVENTSTORE_PASSWORD_FILE: join(folder, 'password'),
  });
});

async function readFirst(client: EventStoreDBClient): Promise<string> {
  for await (const entries of readAll(client, { after: undefined, maxCount: 1 }))
    if (entries.length > 0) break;
  return 'read';
}

describe('a renewed file of certificates', () => {
  it('is used by the client that writes, after a connection has failed', async () => {
    const client = new ReconnectingClient(
      () => connector.connect(),
      () => connector.isOutdated,
    );
    await expect(client.use(readFirst)).rejects.toThrow('No connection established');
    // Nothing has changed, so the client stays.
    await expect(client.use(readFirst)).rejects.toThrow('No connection established');
    replaceCaFile((path) => copyFileSync(realCaFile, path));
    await expect(client.use(readFirst)).rejects.toThrow('No connection established');
    expect(await client.use(readFirst)).toBe('read');
    await client.close();
  }, 60_000);

  it('is used by the client that reads, at its next call', async () => {
    const client = new RenewingClient(connector);
    const former = client.current;
    await expect(readFirst(former)).rejects.toThrow('No connection established');
    expect(client.current).toBe(former);
    replaceCaFile((path) => copyFileSync(realCaFile, path));
    expect(await readFirst(client.current)).toBe('read');
    await client.close();
  }, 60_000);

  it('leaves the former client in use while it is damaged', async () => {
    replaceCaFile((path) => copyFileSync(realCaFile, path));
    const client = new RenewingClient(connector);
    replaceCaFile((path) => writeFileSync(path, 'half a certif'));
    expect(await readFirst(client.current)).toBe('read');
    replaceCaFile((path) => copyFileSync(realCaFile, path));
    expect(await readFirst(client.current)).toBe('read');
    await client.close();
  }, 60_000);
});

describe('a login by certificate, as with the plug-in of EventStoreDB 24.2 and later', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'event-store-users-'));
  let server: Awaited<ReturnType<typeof openEventStore>>;
  let url: string;
  const clients: EventStoreDBClient[] = [];

  beforeAll(async () => {
    const certificateUsers = ['admin', 'reader', 'unknown'];
    server = await openEventStore({ dataDir, secure: true, certificateUsers });
    url = server.addresses.url.replace(/\?.*/, '');
    await new UserAccounts(connect(userFilesOf(dataDir, 'admin'))).create('reader', 'reader', 'password');
  }, 60_000);
  afterAll(async () => {
    await Promise.all(clients.map(closeEventStore));
    await server?.stop();
    rmSync(dataDir, { recursive: true });
  }, 60_000);

  function connect(
    { certFile, keyFile }: { certFile: string; keyFile: string },
    login: Partial<EventStoreConfig> = {},
  ): EventStoreDBClient {
    const client = connectEventStore({
      EVENTSTORE_URL: url,
      EVENTSTORE_CA_FILE: caFileOf(dataDir),
      EVENTSTORE_CERT_FILE: certFile,
      EVENTSTORE_KEY_FILE: keyFile,
      ...login,
    });
    clients.push(client);
    return client;
  }
  const append = (client: EventStoreDBClient) =>
    client.appendToStream('any', jsonEvent({ type: 'Happened', data: {} }));

  it('gives the user whom the certificate names its rights and no others', async () => {
    expect(await readFirst(connect(userFilesOf(dataDir, 'admin')))).toBe('read');
    const reader = connect(userFilesOf(dataDir, 'reader'));
    expect(await append(reader)).toMatchObject({ success: true });
    await expect(readFirst(reader)).rejects.toThrow(AccessDeniedError);
  });

  it('counts less than a user and a password', async () => {
    writeFileSync(join(folder, 'password'), ADMIN.password);
    const login = {
      EVENTSTORE_USERNAME: ADMIN.username,
      EVENTSTORE_PASSWORD_FILE: join(folder, 'password'),
    };
    expect(await readFirst(connect(userFilesOf(dataDir, 'reader'), login))).toBe('read');
  });

  it('is refused for a user who does not exist, and for a certificate of another authority', async () => {
    await expect(append(connect(userFilesOf(dataDir, 'unknown')))).rejects.toThrow('UNAUTHENTICATED');
    const { cert, key } = stranger.issue('admin');
    const foreign = { certFile: join(folder, 'admin.crt'), keyFile: join(folder, 'admin.key') };
    writeFileSync(foreign.certFile, cert);
    writeFileSync(foreign.keyFile, key);
    await expect(append(connect(foreign))).rejects.toThrow('UNAVAILABLE');
  });

  it('uses a renewed certificate after a connection has failed', async () => {
    const own = { certFile: join(folder, 'own.crt'), keyFile: join(folder, 'own.key') };
    const { cert, key } = stranger.issue('admin');
    writeFileSync(own.certFile, cert);
    writeFileSync(own.keyFile, key);
    const renewed = new EventStoreConnector({
      EVENTSTORE_URL: url,
      EVENTSTORE_CA_FILE: caFileOf(dataDir),
      EVENTSTORE_CERT_FILE: own.certFile,
      EVENTSTORE_KEY_FILE: own.keyFile,
    });
    const client = new ReconnectingClient(
      () => renewed.connect(),
      () => renewed.isOutdated,
    );
    await expect(client.use(append)).rejects.toThrow('UNAVAILABLE');
    copyFileSync(userFilesOf(dataDir, 'reader').certFile, own.certFile);
    copyFileSync(userFilesOf(dataDir, 'reader').keyFile, own.keyFile);
    await expect(client.use(append)).rejects.toThrow('UNAVAILABLE');
    expect(await client.use(append)).toMatchObject({ success: true });
    await client.close();
  });
});
