import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Topics } from '#libs/contracts';
import {
  BatchConsumer,
  createKafka,
  findMissingRights,
  kafkaCheck,
  kafkaSettings,
  KafkaRightsCheck,
  Producer,
  readTopicToEnd,
  WithKafka,
  type KafkaRight,
} from '#libs/kafka';
import { checkServer, createLogger, Health, loadConfig, NoConfig } from '#libs/platform';
import { KnownDataFinder } from '../../../apps/projector/src/erasure/known-data.js';
import { checkTopics } from '../../../apps/projector/src/erasure/proof.js';
import { createCertificateAuthority } from '../../../libs/dev-servers/src/certificates/certificate-authority.js';
import { realServers } from '../../support/real-servers.js';
import { securedKafka, type SecuredKafka } from '../../support/secured-kafka.js';
import { until } from '../../support/until.js';
import { createTopics } from '../../../apps/standalone/src/servers/provisioning.js';
import { PATIENT_MS } from './kafka-harness.js';

/*
 * Logins, ACLs and sessions are those of Apache Kafka: the development broker has no ACLs. The errors of a wrong configuration are
 * also tested on the development broker (test/integration/kafka-security.spec.ts).
 */

jest.setTimeout(2 * PATIENT_MS);

const isWanted = realServers().has('kafka');
const describeOnKafka = isWanted ? describe : describe.skip;

class Config extends WithKafka(NoConfig) {}

const SILENT = createLogger('test', 'silent');
const topics = new Topics();
const PUBLISHER = 'other-service';
const NEWCOMER = 'newcomer';

/** A client logs in again five seconds before, hence after three. */
const MAX_REAUTH_MS = 8_000;

let kafka: SecuredKafka;

const settingsOf = (env: NodeJS.ProcessEnv) => kafkaSettings(loadConfig(Config, env));
const clientOf = (env: NodeJS.ProcessEnv, retries = 2) =>
  createKafka({ ...settingsOf(env), clientId: 'test', retries }, SILENT);
const reportOf = (env: NodeJS.ProcessEnv) =>
  checkServer(kafkaCheck(settingsOf(env)), 10_000).then(
    () => 'usable',
    (error: Error) => error.message,
  );

async function publish(env: NodeJS.ProcessEnv, topic: string, value = 'v'): Promise<void> {
  const producer = new Producer(clientOf(env), 1);
  try {
    await producer.send([{ topic, key: 'k', value }]);
  } finally {
    await producer.disconnect();
  }
}

async function read(env: NodeJS.ProcessEnv, topic: string, groupPrefix: string): Promise<string[]> {
  const values: string[] = [];
  // Of several retries, since the coordinator of the first groups must be created first.
  await readTopicToEnd(
    clientOf(env, 8),
    topic,
    { groupPrefix },
    ({ value }) => void values.push(String(value)),
  );
  return values;
}

describeOnKafka('Apache Kafka with logins over TLS and ACLs', () => {
  beforeAll(async () => {
    kafka = await securedKafka({ users: [PUBLISHER, NEWCOMER], maxReauthMs: MAX_REAUTH_MS });
    await createTopics(topics, kafka.brokers, SILENT);
    await kafka.grantAsDeployed();
    await kafka.grant(PUBLISHER, [
      { resource: { type: 'topic', name: topics.commands, patternType: 'literal' }, operations: ['Write'] },
      { resource: { type: 'topic', name: topics.sent, patternType: 'literal' }, operations: ['Read'] },
      { resource: { type: 'group', name: PUBLISHER, patternType: 'prefix' }, operations: ['Read', 'Delete'] },
    ]);
  });

  afterAll(() => kafka?.stop());

  const token = (user: string) => {
    const encode = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const now = Math.floor(Date.now() / 1_000);
    return `${encode({ alg: 'none' })}.${encode({ sub: user, iat: now, exp: now + 3_600 })}.`;
  };

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('accepts a login with %s', async (mechanism) => {
    const env = { ...kafka.environmentOf(PUBLISHER), KAFKA_SASL_MECHANISM: mechanism };
    await publish(env, topics.commands);
    expect(await reportOf(env)).toBe('usable');
    const wrong = {
      ...env,
      KAFKA_SASL_PASSWORD_FILE: kafka.environmentOf(NEWCOMER)['KAFKA_SASL_PASSWORD_FILE']!,
    };
    expect(await reportOf(wrong)).toContain(
      `the broker refused the ${mechanism} login of KAFKA_SASL_USERNAME`,
    );
  });

  it('accepts a token, and says that it refuses another', async () => {
    const { login: _login, ...settings } = settingsOf(kafka.environmentOf(PUBLISHER));
    const withToken = (value: string) =>
      ({
        ...settings,
        login: { mechanism: 'oauthbearer', tokens: { getToken: async () => ({ value }) } },
      }) as const;
    const producer = new Producer(createKafka({ ...withToken(token(PUBLISHER)), clientId: 'test' }, SILENT));
    await producer.send([{ topic: topics.commands, key: 'k', value: 'v' }]);
    await producer.disconnect();
    await expect(checkServer(kafkaCheck(withToken('no.token.')), 10_000)).rejects.toThrow(
      'the broker refused the token of KAFKA_OAUTH_CLIENT_ID',
    );
  });

  describe('with client certificates that the listener requires', () => {
    it('gives the subject of the certificate its rights and no others', async () => {
      const env = kafka.certificateOf(PUBLISHER);
      expect(await reportOf(env)).toBe('usable');
      await publish(env, topics.commands);
      await expect(publish(env, topics.accepted)).rejects.toThrow(/[Aa]uthoriz/);
      await publish(kafka.environmentOf('invitations-projector'), topics.sent, 'for the certificate');
      expect(await read(env, topics.sent, PUBLISHER)).toContain('for the certificate');
      const needs: KafkaRight[] = [
        { resource: 'topic', name: topics.commands, operations: ['Write'] },
        { resource: 'topic', name: topics.sent, operations: ['Read'] },
      ];
      expect(await findMissingRights(clientOf(env), needs)).toEqual([]);
      expect(await findMissingRights(clientOf(kafka.certificateOf(NEWCOMER)), needs)).toEqual(needs);
    });

    it('refuses a client without a certificate, or with one of another authority, and the client says so', async () => {
      const { KAFKA_BROKERS, KAFKA_SSL_CA_FILE, ...own } = kafka.certificateOf(PUBLISHER);
      expect(Object.keys(own)).toEqual(['KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE']);
      expect(await reportOf({ KAFKA_BROKERS, KAFKA_SSL_CA_FILE })).toContain(
        'it may require a client certificate, in KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE',
      );
      const stranger = createCertificateAuthority('stranger', new Date());
      expect(await reportOf(kafka.certificateOf(PUBLISHER, stranger))).toContain(
        'refused the certificate in KAFKA_SSL_CERT_FILE',
      );
    });
  });

  it('logs in again before the session of a connection ends, while it consumes and publishes', async () => {
    const received: string[] = [];
    const fatal: string[] = [];
    const health = new Health();
    const consumer = new BatchConsumer(
      clientOf(kafka.environmentOf(PUBLISHER)),
      {
        groupId: `${PUBLISHER}.session`,
        topics: [topics.sent],
        handle: async (messages) => void received.push(...messages.map(({ value }) => String(value))),
        onFatal: (reason) => void fatal.push(reason),
      },
      health,
      SILENT,
    );
    await consumer.start();
    const projector = new Producer(clientOf(kafka.environmentOf('invitations-projector')), 0);
    const since = performance.now();
    let sent = 0;
    // Each message is published and consumed on connections of two and more sessions.
    while (performance.now() - since < 2.5 * MAX_REAUTH_MS) {
      const value = `session ${(sent += 1)}`;
      await projector.send([{ topic: topics.sent, key: 'k', value }]);
      await until(() => received.includes(value), PATIENT_MS, value);
    }
    await projector.disconnect();
    await consumer.stop();
    expect(fatal).toEqual([]);
    expect(sent).toBeGreaterThan(2);
  });

  it('is reported as such by a client that speaks the other protocol', async () => {
    const secured = kafka.environmentOf(PUBLISHER);
    expect(await reportOf({ KAFKA_BROKERS: secured['KAFKA_BROKERS'] })).toMatch(/speaks? TLS at this port/);
    expect(await reportOf({ ...secured, KAFKA_BROKERS: kafka.brokers })).toContain(
      'it may not speak TLS at this port',
    );
    const { KAFKA_SSL_CA_FILE, KAFKA_BROKERS } = secured;
    expect(await reportOf({ KAFKA_BROKERS, KAFKA_SSL_CA_FILE })).toContain('KAFKA_SASL_MECHANISM');
  });

  it('lets nobody but notification read the reminders that are due, whose gaps tell of silent answers (D1)', async () => {
    await publish(kafka.environmentOf('invitations-projector'), topics.reminderDue, 'reminder');
    const notification = kafka.environmentOf('invitations-notification');
    expect(await read(notification, topics.reminderDue, 'notification.sweep')).toEqual(['reminder']);
    for (const [user, group] of [
      [PUBLISHER, PUBLISHER],
      ['invitations-command', 'command.look-back'],
      ['invitations-api', 'api-'],
      ['invitations-projector', 'projector-members.sweep'],
    ] as const) {
      await expect(read(kafka.environmentOf(user), topics.reminderDue, group)).rejects.toThrow(/[Aa]uthoriz/);
    }
  });

  it('lets nobody but the projector publish events', async () => {
    for (const user of [PUBLISHER, 'invitations-command', 'invitations-api', 'invitations-notification']) {
      await expect(publish(kafka.environmentOf(user), topics.accepted)).rejects.toThrow(/[Aa]uthoriz/);
    }
  });

  it('lets the login of the erasure proof read every topic with its retention, and write nothing (D23)', async () => {
    const env = kafka.environmentOf('invitations-erasure-proof');
    const text = 'We met at the harbour';
    await publish(kafka.environmentOf('invitations-projector'), topics.sent, text);
    const client = clientOf(env, 8);
    const admin = client.admin();
    await admin.connect();
    const existing = await admin.listTopics();
    await admin.disconnect();
    const finder = new KnownDataFinder({ names: [], addresses: [], texts: [text] });
    const reports = await checkTopics(client, topics, existing, '', finder);
    const stateOf = new Map(reports.map(({ place, state }) => [place, state]));
    expect([...stateOf.keys()].toSorted()).toEqual([...topics.names].toSorted());
    expect(stateOf.get(topics.sent)).toBe('pending');
    expect(new Set(stateOf.values())).toEqual(new Set(['clean', 'pending']));
    for (const topic of [topics.commands, topics.profiles])
      await expect(publish(env, topic)).rejects.toThrow(/[Aa]uthoriz/);
  });

  describe('the check of rights', () => {
    const needs: readonly KafkaRight[] = [
      { resource: 'topic', name: topics.sent, operations: ['Read'] },
      { resource: 'topic', name: topics.commands, operations: ['Write'] },
      { resource: 'topic', name: topics.outcomesOf('api-x'), operations: ['Create', 'Read'] },
      { resource: 'group', name: `${PUBLISHER}.x`, operations: ['Read'] },
      { resource: 'group', name: `${PUBLISHER}.y.`, isPrefix: true, operations: ['Read', 'Delete'] },
    ];

    it('finds every missing operation and no other', async () => {
      const find = (user: string) => findMissingRights(clientOf(kafka.environmentOf(user)), needs);
      expect(await find('admin')).toEqual([]);
      expect(await find(PUBLISHER)).toEqual([needs[2]]);
      expect(await find('invitations-api')).toEqual([needs[0], needs[3], needs[4]]);
      expect(await find(NEWCOMER)).toEqual([needs[0], needs[1], needs[2], needs[3], needs[4]]);
    });

    it('creates no topic and no group', async () => {
      await findMissingRights(clientOf(kafka.environmentOf('admin')), needs);
      const admin = clientOf(kafka.environmentOf('admin')).admin();
      await admin.connect();
      expect(await admin.listTopics()).not.toContain(topics.outcomesOf('api-x'));
      expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).not.toContain(`${PUBLISHER}.x`);
      await admin.disconnect();
    });

    it('keeps a process unready, with the reason, until the rights are granted', async () => {
      const health = new Health();
      const lines: string[] = [];
      const logger = createLogger('test', 'silent');
      jest.spyOn(logger, 'error').mockImplementation((line: unknown) => void lines.push(String(line)));
      const rights: KafkaRight[] = [{ resource: 'topic', name: topics.replied, operations: ['Read'] }];
      const env = kafka.environmentOf(NEWCOMER);
      const check = new KafkaRightsCheck(clientOf(env), `User:${NEWCOMER}`, rights, health, logger);
      let isListening = false;
      const granted = check.waitUntilGranted(async () => {
        isListening = true;
      });
      await until(() => isListening && lines.length > 0, PATIENT_MS, 'the report');
      const detail = `Kafka does not allow User:${NEWCOMER}: Read on topic ${topics.replied}`;
      expect(health.report()).toEqual({ ready: false, parts: { 'kafka:rights': { ready: false, detail } } });
      expect(lines).toEqual([expect.stringContaining(`${detail}; add these ACLs`)]);
      await kafka.grant(NEWCOMER, [
        { resource: { type: 'topic', name: topics.replied, patternType: 'literal' }, operations: ['Read'] },
      ]);
      await granted;
      expect(health.report().ready).toBe(true);
    });
  });
});

if (!isWanted) console.warn('The suite of logins and ACLs is skipped: it needs TEST_SERVERS=kafka.');
