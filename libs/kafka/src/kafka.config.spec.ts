import { describe, expect, it } from '@jest/globals';
import { loadConfig, NoConfig } from '#libs/platform';
import { kafkaSettings, WithKafka } from './kafka.config.js';

class Config extends WithKafka(NoConfig) {}

const BROKERS = { KAFKA_BROKERS: 'kafka-0.example:9093, kafka-1.example:9093' };
const settingsOf = (env: NodeJS.ProcessEnv) => kafkaSettings(loadConfig(Config, { ...BROKERS, ...env }));
const problemOf = (env: NodeJS.ProcessEnv): string => {
  try {
    settingsOf(env);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

const SCRAM = {
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'anna',
  KAFKA_SASL_PASSWORD_FILE: '/secrets/password',
};
const OAUTH = {
  KAFKA_SASL_MECHANISM: 'oauthbearer',
  KAFKA_OAUTH_TOKEN_URL: 'https://login.example/token',
  KAFKA_OAUTH_CLIENT_ID: 'invitations',
  KAFKA_OAUTH_CLIENT_SECRET_FILE: '/secrets/client',
};

describe('the variables of Kafka', () => {
  it('are neither TLS nor a login by default, with a connection timeout of ten seconds', () => {
    expect(settingsOf({})).toEqual({ brokers: BROKERS.KAFKA_BROKERS, connectionTimeoutMs: 10_000 });
    expect(settingsOf({ KAFKA_CONNECTION_TIMEOUT: 'PT3S' })).toMatchObject({ connectionTimeoutMs: 3_000 });
  });

  it.each([
    ['kafka://kafka.example:9092'],
    ['SASL_SSL://kafka.example:9092'],
    ['https://kafka.example'],
    ['kafka.example'],
    ['kafka.example:9092,'],
    ['kafka.example:99999'],
    ['user:secret@kafka.example:9092'],
  ])('reject the brokers %s in one line', (KAFKA_BROKERS) => {
    const problem = problemOf({ KAFKA_BROKERS });
    expect(problem).toContain('KAFKA_BROKERS must be host:port, comma separated, without a scheme');
    expect(problem).not.toMatch(/example|secret|\n/);
  });

  it('turn TLS on with a file, or with KAFKA_SSL alone', () => {
    expect(settingsOf({ KAFKA_SSL_CA_FILE: '/ca.pem' })).toMatchObject({ tls: { caFile: '/ca.pem' } });
    expect(settingsOf({ KAFKA_SSL: 'true' })).toHaveProperty('tls');
    expect(settingsOf({ KAFKA_SSL: 'false' })).not.toHaveProperty('tls');
  });

  it.each([
    [{ KAFKA_SSL: 'yes' }, 'KAFKA_SSL must be true or false'],
    [
      { KAFKA_SSL: 'false', KAFKA_SSL_CA_FILE: '/ca.pem' },
      'KAFKA_SSL is false although KAFKA_SSL_CA_FILE is set',
    ],
    [{ KAFKA_SSL_CERT_FILE: '/c.pem' }, 'KAFKA_SSL_CERT_FILE needs KAFKA_SSL_KEY_FILE'],
    [{ KAFKA_SSL_KEY_FILE: '/c.key' }, 'KAFKA_SSL_KEY_FILE needs KAFKA_SSL_CERT_FILE'],
    ...['PT0S', 'P30D'].map((KAFKA_CONNECTION_TIMEOUT): [NodeJS.ProcessEnv, string] => [
      { KAFKA_CONNECTION_TIMEOUT },
      'KAFKA_CONNECTION_TIMEOUT must be an ISO 8601 duration of at least PT0.001S and at most P1D, e.g. P7D or PT5S',
    ]),
  ])('reject %j', (env, problem) => {
    expect(problemOf(env)).toBe(`invalid configuration: ${problem}`);
  });

  it('describe a login with a password in a file', () => {
    expect(settingsOf(SCRAM).login).toEqual({
      mechanism: 'scram-sha-512',
      username: 'anna',
      passwordFile: '/secrets/password',
    });
  });

  it('describe a login with tokens', () => {
    expect(settingsOf({ ...OAUTH, KAFKA_SSL: 'true' }).login).toMatchObject({
      mechanism: 'oauthbearer',
      tokens: { getToken: expect.any(Function) },
    });
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [
      { KAFKA_SASL_MECHANISM: 'kerberos' },
      'KAFKA_SASL_MECHANISM must be one of plain, scram-sha-256, scram-sha-512, oauthbearer',
    ],
    [
      { KAFKA_SASL_MECHANISM: 'scram-sha-256' },
      'KAFKA_SASL_MECHANISM scram-sha-256 needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE',
    ],
    [
      { ...SCRAM, KAFKA_SASL_PASSWORD_FILE: '' },
      'KAFKA_SASL_MECHANISM scram-sha-512 needs KAFKA_SASL_PASSWORD_FILE',
    ],
    [{ KAFKA_SASL_USERNAME: 'anna' }, 'KAFKA_SASL_MECHANISM must be set, because KAFKA_SASL_USERNAME is'],
    [
      { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SSL: 'true' },
      'KAFKA_SASL_MECHANISM oauthbearer needs KAFKA_OAUTH_TOKEN_URL and KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET_FILE',
    ],
    [
      { ...SCRAM, KAFKA_OAUTH_SCOPE: 'kafka' },
      'KAFKA_SASL_MECHANISM scram-sha-512 does not use KAFKA_OAUTH_SCOPE',
    ],
    [
      { ...SCRAM, KAFKA_SASL_MECHANISM: 'plain' },
      'KAFKA_SASL_MECHANISM plain sends a password or token that anyone on the way can read: set KAFKA_SSL to true',
    ],
    [
      { ...OAUTH, KAFKA_SSL: 'true', KAFKA_OAUTH_TOKEN_URL: 'http://login.example/token' },
      'KAFKA_OAUTH_TOKEN_URL must be an https URL, because the secret is sent to it',
    ],
    [
      { ...OAUTH, KAFKA_SSL: 'true', KAFKA_OAUTH_TOKEN_URL: 'https://id:secret@login.example/token' },
      'KAFKA_OAUTH_TOKEN_URL must be an http(s) URL without a password',
    ],
  ])('reject %j and name the variables, not the values', (env, problem) => {
    expect(problemOf(env)).toBe(`invalid configuration: ${problem}`);
  });

  it('allow a password without TLS to a broker on the same machine', () => {
    const env = { ...SCRAM, KAFKA_SASL_MECHANISM: 'plain', KAFKA_BROKERS: '127.0.0.1:9092,localhost:9093' };
    expect(problemOf(env)).toBe('accepted');
  });
});
