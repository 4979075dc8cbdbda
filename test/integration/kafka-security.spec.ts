import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createKafka,
  ensureTopics,
  kafkaCheck,
  kafkaSettings,
  type KafkaTokenProvider,
  Producer,
  readTopicToEnd,
  WithKafka,
} from '#libs/kafka';
import { MskTokens } from '../../examples/msk-tokens.js';
import { checkServer, createLogger, loadConfig, NoConfig } from '#libs/platform';
import {
  openKafka,
  type KafkaSettings as BrokerSettings,
} from '../../libs/dev-servers/src/kafka/open-kafka.js';
import { createCertificateAuthority } from '../../libs/dev-servers/src/certificates/certificate-authority.js';

class Config extends WithKafka(NoConfig) {}

const SILENT = createLogger('test', 'silent');
const folder = mkdtempSync(join(tmpdir(), 'kafka-security-'));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** An authority whose certificates are files. */
function createAuthority(name: string, now = new Date()) {
  const created = createCertificateAuthority(name, now);
  return {
    caFile: file(`${name}.pem`, created.ca),
    issue(commonName: string, host = '127.0.0.1') {
      const { cert, key } = created.issue(commonName, [host]);
      const path = `${name}-${commonName}-${host}`;
      return { certFile: file(`${path}.pem`, cert), keyFile: file(`${path}.key`, key) };
    },
  };
}

const authority = createAuthority('authority');
const stranger = createAuthority('stranger');
const expired = createAuthority('expired', new Date('2010-01-01'));
const certificate = authority.issue('broker');
const brokers: { stop(): Promise<void> }[] = [];

/** Starts a broker and returns the environment of a client without security. */
async function startBroker(
  settings: Omit<BrokerSettings, 'dataDir'> = {},
): Promise<{ KAFKA_BROKERS: string }> {
  const broker = await openKafka({ dataDir: mkdtempSync(join(folder, 'data-')), ...settings });
  brokers.push(broker);
  return { KAFKA_BROKERS: broker.addresses.brokers };
}

const settingsOf = (env: NodeJS.ProcessEnv) => kafkaSettings(loadConfig(Config, env));

/** What the probe of an app reports. */
async function reportOf(env: NodeJS.ProcessEnv): Promise<string> {
  try {
    await checkServer(kafkaCheck(settingsOf(env)), 10_000);
    return 'usable';
  } catch (error) {
    return (error as Error).message;
  }
}

/** Publishes a message with the clients of the apps, and returns what a consumer reads back. */
async function exchange(env: NodeJS.ProcessEnv): Promise<string[]> {
  const kafka = createKafka({ ...settingsOf(env), clientId: 'test', retries: 1 }, SILENT);
  await ensureTopics(kafka, [{ topic: 't', numPartitions: 1 }]);
  const producer = new Producer(kafka);
  await producer.send([{ topic: 't', key: 'k', value: 'v' }]);
  await producer.disconnect();
  const values: string[] = [];
  await readTopicToEnd(kafka, 't', { groupPrefix: 'test' }, ({ value }) => void values.push(String(value)));
  return values;
}

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.stop();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a connection with TLS', () => {
  it('is used by producers and consumers', async () => {
    const env = { ...(await startBroker({ tls: certificate })), KAFKA_SSL_CA_FILE: authority.caFile };
    expect(await exchange(env)).toEqual(['v']);
  });

  it('presents a client certificate to a broker that requires one', async () => {
    const tls = { ...certificate, clientCaFile: authority.caFile };
    const env = { ...(await startBroker({ tls })), KAFKA_SSL_CA_FILE: authority.caFile };
    const own = authority.issue('command');
    const identity = { KAFKA_SSL_CERT_FILE: own.certFile, KAFKA_SSL_KEY_FILE: own.keyFile };
    expect(await exchange({ ...env, ...identity })).toEqual(['v']);
    expect(await reportOf(env)).toContain('it may require a client certificate');
    const other = stranger.issue('command');
    const foreign = { KAFKA_SSL_CERT_FILE: other.certFile, KAFKA_SSL_KEY_FILE: other.keyFile };
    expect(await reportOf({ ...env, ...foreign })).toContain(
      'refused the certificate in KAFKA_SSL_CERT_FILE',
    );
  });

  it.each<[string, () => typeof certificate, () => NodeJS.ProcessEnv, string]>([
    [
      'an unknown authority',
      () => stranger.issue('broker'),
      () => ({ KAFKA_SSL_CA_FILE: authority.caFile }),
      'no authority in KAFKA_SSL_CA_FILE has signed',
    ],
    [
      'an authority that Node does not know',
      () => certificate,
      () => ({ KAFKA_SSL: 'true' }),
      'set KAFKA_SSL_CA_FILE',
    ],
    [
      'another host name',
      () => authority.issue('broker', 'elsewhere.example'),
      () => ({ KAFKA_SSL_CA_FILE: authority.caFile }),
      'is for another host name',
    ],
    [
      'an expired certificate',
      () => expired.issue('broker'),
      () => ({ KAFKA_SSL_CA_FILE: expired.caFile }),
      "the broker's certificate has expired",
    ],
    ['a client that speaks plaintext', () => certificate, () => ({}), 'speak TLS at this port'],
  ])('is refused in one line that says why: %s', async (_, issue, secure, reason) => {
    const env = { ...(await startBroker({ tls: issue() })), ...secure() };
    const report = await reportOf(env);
    expect(report).toContain(reason);
    expect(report).not.toContain('\n');
  });

  it('to a broker without TLS is refused in one line that says why', async () => {
    const env = { ...(await startBroker()), KAFKA_SSL_CA_FILE: authority.caFile };
    expect(await reportOf(env)).toContain('it may not speak TLS at this port');
  });

  it.each<[string, () => NodeJS.ProcessEnv, string]>([
    [
      'a missing file',
      () => ({ KAFKA_SSL_CA_FILE: join(folder, 'nowhere.pem') }),
      'the file that KAFKA_SSL_CA_FILE names cannot be read: it does not exist',
    ],
    [
      'a file without a certificate',
      () => ({ KAFKA_SSL_CA_FILE: file('empty.pem', 'nothing') }),
      'the file that KAFKA_SSL_CA_FILE names has no certificate in PEM format',
    ],
    [
      'a key of another certificate',
      () => ({ KAFKA_SSL_CERT_FILE: certificate.certFile, KAFKA_SSL_KEY_FILE: authority.issue('x').keyFile }),
      'the key in KAFKA_SSL_KEY_FILE does not belong to the certificate in KAFKA_SSL_CERT_FILE',
    ],
  ])('names the variable of %s, and not its value', async (_, secure, reason) => {
    const report = await reportOf({ ...(await startBroker({ tls: certificate })), ...secure() });
    expect(report).toContain(reason);
    expect(report).not.toContain(folder);
  });

  it('uses a renewed file for the next connection, without a restart of the process', async () => {
    const caFile = join(folder, 'renewed.pem');
    copyFileSync(stranger.caFile, caFile);
    const env = { ...(await startBroker({ tls: certificate })), KAFKA_SSL_CA_FILE: caFile };
    const producer = new Producer(createKafka({ ...settingsOf(env), clientId: 'test', retries: 0 }, SILENT));
    await expect(producer.connect()).rejects.toThrow('no authority in KAFKA_SSL_CA_FILE');
    copyFileSync(authority.caFile, caFile);
    await producer.connect();
    await producer.disconnect();
  });
});

describe('a login', () => {
  const users = { anna: 'correct horse, battery=staple' };
  const login = (mechanism: string, password = users.anna) => ({
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: 'anna',
    KAFKA_SASL_PASSWORD_FILE: file(`password-${mechanism}`, `${password}\n`),
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'with %s is used by producers and consumers',
    async (mechanism) => {
      const broker = await startBroker({ tls: certificate, logins: { users } });
      const env = { ...broker, KAFKA_SSL_CA_FILE: authority.caFile, ...login(mechanism) };
      expect(await exchange(env)).toEqual(['v']);
      const report = await reportOf({ ...env, ...login(mechanism, 'wrong') });
      expect(report).toContain(
        `the broker refused the ${mechanism} login of KAFKA_SASL_USERNAME with the password in KAFKA_SASL_PASSWORD_FILE`,
      );
      expect(report).not.toMatch(/wrong|anna|\n/);
    },
  );

  it('that is missing is named', async () => {
    expect(await reportOf(await startBroker({ logins: { users } }))).toContain(
      'it may require a login (KAFKA_SASL_MECHANISM)',
    );
  });

  it('waits for the new password while the password is being changed', async () => {
    const broker = await startBroker({ logins: { users } });
    const env = { ...broker, ...login('scram-sha-512', 'old') };
    const kafka = createKafka({ ...settingsOf(env), clientId: 'test', retries: 100 }, SILENT);
    const producer = new Producer(kafka);
    const connected = producer.connect();
    login('scram-sha-512');
    await expect(connected).resolves.toBeUndefined();
    await producer.disconnect();
  });

  it('is repeated with the current password before the session of a connection ends', async () => {
    // Shorter than the time before which a client logs in again, hence before each request.
    const broker = await startBroker({ logins: { users, sessionLifetimeMs: 5_000 } });
    const env = { ...broker, ...login('scram-sha-256') };
    const kafka = createKafka({ ...settingsOf(env), clientId: 'test', retries: 0 }, SILENT);
    await ensureTopics(kafka, [{ topic: 't', numPartitions: 1 }]);
    const producer = new Producer(kafka);
    const send = () => producer.send([{ topic: 't', key: 'k', value: 'v' }]);
    await send();
    login('scram-sha-256', 'wrong');
    await expect(send()).rejects.toThrow('the broker refused the scram-sha-256 login');
    login('scram-sha-256');
    await send();
    await producer.disconnect();
  });
});

describe('a login with OAUTHBEARER', () => {
  let server: Server;
  const requests: { authorization: string | undefined; body: string }[] = [];
  let respond: () => [status: number, body: object];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        requests.push({ authorization: request.headers.authorization, body });
        const [status, json] = respond();
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const environment = async () => {
    const broker = await startBroker({ tls: certificate, logins: { tokens: ['t0ken'] } });
    return {
      ...broker,
      KAFKA_SSL_CA_FILE: authority.caFile,
      KAFKA_SASL_MECHANISM: 'oauthbearer',
      KAFKA_OAUTH_TOKEN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
      KAFKA_OAUTH_CLIENT_ID: 'invitations',
      KAFKA_OAUTH_CLIENT_SECRET_FILE: file('client-secret', 's3cret\n'),
      KAFKA_OAUTH_SCOPE: 'kafka.write',
    };
  };

  it('gets one token for all connections by client credentials', async () => {
    requests.length = 0;
    respond = () => [200, { access_token: 't0ken', expires_in: 3600 }];
    expect(await exchange(await environment())).toEqual(['v']);
    expect(requests).toEqual([
      {
        authorization: `Basic ${Buffer.from('invitations:s3cret').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=kafka.write',
      },
    ]);
  });

  it.each<[string, () => [number, object], string]>([
    [
      'the broker refuses the token',
      () => [200, { access_token: 'other', expires_in: 3600 }],
      'the broker refused the token of KAFKA_OAUTH_CLIENT_ID: invalid_token',
    ],
    [
      'the client is refused',
      () => [401, { error: 'invalid_client', error_description: 's3cret is wrong' }],
      'KAFKA_OAUTH_TOKEN_URL responded with 401 (invalid_client); check KAFKA_OAUTH_CLIENT_ID, KAFKA_OAUTH_CLIENT_SECRET_FILE',
    ],
    ['there is no token in the response', () => [200, {}], 'KAFKA_OAUTH_TOKEN_URL responded without a token'],
  ])('says in one line that %s', async (_, response, reason) => {
    respond = response;
    const report = await reportOf(await environment());
    expect(report).toContain(reason);
    expect(report).not.toMatch(/s3cret|other|\n/);
  });
});

describe('tokens of another provider, such as Amazon MSK with IAM', () => {
  const MINUTE_MS = 60_000;

  async function clientWith(tokens: KafkaTokenProvider) {
    const broker = await startBroker({ tls: certificate, logins: { tokens: ['signed-1', 'signed-2'] } });
    const settings = settingsOf({ ...broker, KAFKA_SSL_CA_FILE: authority.caFile });
    const login = { mechanism: 'oauthbearer', tokens } as const;
    return createKafka({ ...settings, login, clientId: 'test', retries: 0 }, SILENT);
  }
  async function connect(kafka: ReturnType<typeof createKafka>): Promise<void> {
    const admin = kafka.admin();
    try {
      await admin.connect();
    } finally {
      await admin.disconnect();
    }
  }

  it('are asked for at each login, and cached by the provider until shortly before they expire', async () => {
    let now = 0;
    let signed = 0;
    const sign = async () => ({ token: `signed-${++signed}`, expiryTime: now + 15 * MINUTE_MS });
    const kafka = await clientWith(new MskTokens(sign, () => now));
    await connect(kafka);
    now = 13 * MINUTE_MS;
    await connect(kafka);
    expect(signed).toBe(1);
    now = 14.5 * MINUTE_MS;
    await connect(kafka);
    expect(signed).toBe(2);
  });

  it('cause an error with the reason of the provider, which is asked again at the next login', async () => {
    const answers = [() => Promise.reject(new Error('the pod has no role')), async () => 'signed-1'];
    const tokens = new MskTokens(
      async () => ({ token: await answers.shift()!(), expiryTime: MINUTE_MS * 15 }),
      () => 0,
    );
    const kafka = await clientWith(tokens);
    await expect(connect(kafka)).rejects.toThrow('the pod has no role');
    await connect(kafka);
  });
});
