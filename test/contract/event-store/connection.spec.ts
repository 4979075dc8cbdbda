import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCertificateAuthority } from '../../../libs/dev-servers/src/certificates/certificate-authority.js';
import {
  closeEventStore,
  connectEventStore,
  eventStoreCheck,
  type EventStoreConfig,
  type EventStoreUse,
} from '#libs/event-store';
import { checkServer } from '#libs/platform';
import { openTestEventStore, type TestEventStore } from '../../support/event-store.js';
import { ADMIN, openSecureEventStore } from '../../support/secure-event-store.js';
import { event, failureOf, uniqueName } from './support.js';

const WRONG_PASSWORD = 'Xk9-s3cret';

let secure: TestEventStore;
let plain: TestEventStore;
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  [secure, plain] = await Promise.all([openSecureEventStore(), openTestEventStore()]);
  folder = mkdtempSync(join(tmpdir(), 'connection-'));
  writeFileSync(at('password'), `${ADMIN.password}\n`);
  writeFileSync(at('wrong'), WRONG_PASSWORD);
  writeFileSync(at('other.crt'), createCertificateAuthority('Other CA', new Date()).ca);
}, 20_000);
afterAll(async () => {
  await Promise.all([secure?.stop(), plain?.stop()]);
  rmSync(folder, { recursive: true });
}, 20_000);

/** The configuration of a client that may do everything. */
function config(): EventStoreConfig {
  const url = new URL(secure.url.replace('esdb:', 'https:'));
  return {
    EVENTSTORE_URL: `esdb://${url.host}`,
    EVENTSTORE_CA_FILE: url.searchParams.get('tlsCAFile')!,
    EVENTSTORE_USERNAME: ADMIN.username,
    EVENTSTORE_PASSWORD_FILE: at('password'),
  };
}

const USES: readonly EventStoreUse[] = ['reads the log', 'writes accounts'];
const check = (changed: object, use: EventStoreUse) =>
  checkServer(eventStoreCheck({ ...config(), ...changed }, use));

describe('a client with a CA file, a user and a password file', () => {
  it.each(USES)('can be used: %s', async (use) => {
    await expect(check({}, use)).resolves.toBeUndefined();
  });

  it('can be used with a discovered cluster', async () => {
    const { EVENTSTORE_URL, ...login } = config();
    const discovered = EVENTSTORE_URL.replace('esdb://', 'esdb+discover://');
    const client = connectEventStore({ EVENTSTORE_URL: discovered, ...login });
    await expect(client.appendToStream(uniqueName('discovered'), event())).resolves.toMatchObject({
      success: true,
    });
    await closeEventStore(client);
  });

  it('uses a password that has changed in its file, without connecting again', async () => {
    writeFileSync(at('rotated'), WRONG_PASSWORD);
    const client = connectEventStore({ ...config(), EVENTSTORE_PASSWORD_FILE: at('rotated') });
    const append = () => client.appendToStream(uniqueName('rotated'), event());
    expect(await failureOf(append())).toMatchObject({ type: 'access-denied' });
    writeFileSync(at('rotated'), ADMIN.password);
    const deadline = Date.now() + 10_000;
    while (
      !(await append().then(
        () => true,
        () => false,
      ))
    )
      expect(Date.now()).toBeLessThan(deadline);
    await closeEventStore(client);
  });
});

describe('eventStoreCheck', () => {
  const problems: readonly (readonly [string, () => object, string])[] = [
    [
      'a wrong password',
      () => ({ EVENTSTORE_PASSWORD_FILE: at('wrong') }),
      'access denied: wrong user name or password',
    ],
    [
      'no user',
      () => ({ EVENTSTORE_USERNAME: undefined, EVENTSTORE_PASSWORD_FILE: undefined }),
      'access denied: no user is set; set EVENTSTORE_USERNAME and EVENTSTORE_PASSWORD_FILE',
    ],
    [
      'a certificate of an unknown authority',
      () => ({ EVENTSTORE_CA_FILE: at('other.crt') }),
      "the server's certificate is signed by an authority that is not trusted here; set EVENTSTORE_CA_FILE",
    ],
    [
      'a certificate for another host',
      () => ({ EVENTSTORE_URL: otherName(config().EVENTSTORE_URL) }),
      "the server's certificate is not for the host in EVENTSTORE_URL",
    ],
    [
      'TLS with a server that has none',
      () => ({ EVENTSTORE_URL: plain.url.replace(/\?.*/, '') }),
      'the server does not speak TLS',
    ],
    [
      'no TLS with a server that wants it',
      () => ({ EVENTSTORE_URL: `${config().EVENTSTORE_URL}?tls=false`, ...ANONYMOUS }),
      'the server closes connections without TLS; remove tls=false from EVENTSTORE_URL',
    ],
    [
      'a missing file',
      () => ({ EVENTSTORE_CA_FILE: at('missing') }),
      'the file that EVENTSTORE_CA_FILE names cannot be read: it does not exist',
    ],
  ];
  const cases = problems.flatMap((problem) => USES.map((use) => [...problem, use] as const));

  it.each(cases)(
    'says in one line, within 5 s and without a password: %s',
    async (_what, changed, reason, use) => {
      const since = performance.now();
      const { message } = (await failureOf(check(changed(), use))) as Error;
      expect(performance.now() - since).toBeLessThan(5_000);
      expect(message).toContain(reason);
      expect(message).toMatch(/^the event store at EVENTSTORE_URL \(esdb:.*\) cannot be used: .*$/);
      expect(message).not.toContain(WRONG_PASSWORD);
    },
  );

  it('leaves nothing in the stream on which it tries to append', async () => {
    const client = connectEventStore(config());
    await check({}, 'writes accounts');
    const read = async () => {
      for await (const found of client.readStream('account-00-')) void found;
    };
    expect(await failureOf(read())).toMatchObject({ type: 'stream-not-found' });
    await closeEventStore(client);
  });

  it('reports a server that accepts a connection and says nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    const error = await failureOf(check({ EVENTSTORE_URL: `esdb://127.0.0.1:${port}` }, 'reads the log'));
    expect(error).toMatchObject({ isTimeout: true });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

const ANONYMOUS = {
  EVENTSTORE_CA_FILE: undefined,
  EVENTSTORE_USERNAME: undefined,
  EVENTSTORE_PASSWORD_FILE: undefined,
};

/** The same server by a name that its certificate does not have: another spelling of its address. */
const otherName = (url: string): string => url.replace(/\/\/[^:]*/, '//0.0.0.0');
