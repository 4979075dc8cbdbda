import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '../../libs/dev-servers/src/certificates/certificate-authority.js';
import { createClient, readConnection } from '../../libs/event-store/src/connection/connection.js';
import type { EventStoreConfig } from '#libs/event-store';
import { closeEventStore } from '#libs/event-store';

const EVENTSTORE_URL = 'esdb://store.example';
const authority = createCertificateAuthority('Test CA', new Date());
const user = authority.issue('user');
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connection-'));
  writeFileSync(at('password'), 'hidden\n');
  writeFileSync(at('ca.crt'), authority.ca);
  writeFileSync(at('user.crt'), user.cert);
  writeFileSync(at('user.key'), user.key);
  writeFileSync(at('other.key'), authority.issue('other').key);
  writeFileSync(at('junk'), '-----BEGIN CERTIFICATE-----\nhidden\n-----END CERTIFICATE-----\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const login = () => ({ EVENTSTORE_USERNAME: 'anna', EVENTSTORE_PASSWORD_FILE: at('password') });
const certificates = () => ({ EVENTSTORE_CERT_FILE: at('user.crt'), EVENTSTORE_KEY_FILE: at('user.key') });

describe('readConnection', () => {
  it('reads the user, the password and the certificates from their files', () => {
    const config = { EVENTSTORE_URL, ...login(), EVENTSTORE_CA_FILE: at('ca.crt'), ...certificates() };
    const connection = readConnection(config);
    expect(connection.credentials).toMatchObject({ username: 'anna', password: 'hidden' });
    expect(connection.certificates).toEqual({
      insecure: false,
      rootCertificate: Buffer.from(authority.ca),
      userCertFile: Buffer.from(user.cert),
      userKeyFile: Buffer.from(user.key),
    });
  });

  it('takes user and files from the connection string, too', () => {
    const path = encodeURIComponent(at('ca.crt'));
    expect(readConnection(`esdb://anna:hidden@store.example?tlsCAFile=${path}`)).toMatchObject({
      credentials: { username: 'anna', password: 'hidden' },
      certificates: { insecure: false, rootCertificate: Buffer.from(authority.ca) },
    });
  });

  const rejected: readonly (readonly [string, () => Partial<EventStoreConfig>, string])[] = [
    ['a user without a password', () => ({ EVENTSTORE_USERNAME: 'anna' }), 'must be set together'],
    [
      'a password without a user',
      () => ({ EVENTSTORE_PASSWORD_FILE: at('password') }),
      'must be set together',
    ],
    [
      'two users',
      () => ({ EVENTSTORE_URL: 'esdb://u:hidden@h', ...login() }),
      'and EVENTSTORE_USERNAME is set: remove one',
    ],
    [
      'a user without TLS',
      () => ({ EVENTSTORE_URL: 'esdb://h?tls=false', ...login() }),
      'without TLS the client sends neither',
    ],
    [
      'a user in a connection string without TLS',
      () => ({ EVENTSTORE_URL: 'esdb://u:hidden@h?tls=false' }),
      'without TLS the client sends neither',
    ],
    [
      'certificates without TLS',
      () => ({ EVENTSTORE_URL: 'esdb://h?tls=false', EVENTSTORE_CA_FILE: at('ca.crt') }),
      'has tls=false, but certificates are set',
    ],
    [
      'two files of one kind',
      () => ({ EVENTSTORE_URL: 'esdb://h?tlsCAFile=/x', EVENTSTORE_CA_FILE: at('ca.crt') }),
      'EVENTSTORE_CA_FILE is set, and EVENTSTORE_URL has tlsCAFile: remove one',
    ],
    [
      'a certificate without its key',
      () => ({ EVENTSTORE_CERT_FILE: at('user.crt') }),
      'EVENTSTORE_CERT_FILE and EVENTSTORE_KEY_FILE must be set together',
    ],
    [
      'a missing file',
      () => ({ EVENTSTORE_CA_FILE: at('hidden') }),
      'the file that EVENTSTORE_CA_FILE names cannot be read: it does not exist',
    ],
    [
      'a missing file of the connection string',
      () => ({ EVENTSTORE_URL: 'esdb://h?tlsCAFile=/hidden' }),
      'the file that tlsCAFile in EVENTSTORE_URL names cannot be read: it does not exist',
    ],
    [
      'a file without a certificate',
      () => ({ EVENTSTORE_CA_FILE: at('junk') }),
      'the file that EVENTSTORE_CA_FILE names holds no certificate in PEM',
    ],
    [
      'a file without a key',
      () => ({ ...certificates(), EVENTSTORE_KEY_FILE: at('user.crt') }),
      'the file that EVENTSTORE_KEY_FILE names holds no private key in PEM',
    ],
  ];

  it.each(rejected)('rejects %s, and shows neither a password nor a path', (_what, config, message) => {
    let thrown: unknown;
    try {
      readConnection({ EVENTSTORE_URL, ...config() });
    } catch (error) {
      thrown = error;
    }
    expect((thrown as Error).message).toContain(message);
    expect(inspect(thrown, { depth: 5 }).split('\n    at ')[0]).not.toMatch(/hidden|\/connection-/);
  });
});

describe('createClient', () => {
  it('rejects a key that is not the one of the certificate', () => {
    const config = { EVENTSTORE_URL, ...certificates(), EVENTSTORE_KEY_FILE: at('other.key') };
    expect(() => createClient(readConnection(config))).toThrow(/cannot be used: .*MISMATCH/);
  });

  it('shows the certificate of its user to the server', async () => {
    const { promise: shown, resolve } = Promise.withResolvers<string>();
    const options = { ca: authority.ca, ...authority.issue('node', ['localhost']), requestCert: true };
    const server = createServer({ ...options, ALPNProtocols: ['h2'] }, (socket) => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.on('error', () => undefined).destroy();
    });
    await once(server.listen(0, 'localhost'), 'listening');
    const { port } = server.address() as AddressInfo;
    const config = {
      EVENTSTORE_URL: `esdb://localhost:${port}`,
      EVENTSTORE_CA_FILE: at('ca.crt'),
      ...certificates(),
    };
    const client = createClient(readConnection(config));
    const reading = client.readStream('any');
    reading.on('error', () => undefined);
    expect(await shown).toBe('user');
    await closeEventStore(client);
    await once(server.close(), 'close');
  });
});
