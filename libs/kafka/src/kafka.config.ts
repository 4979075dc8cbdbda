import { IsIn, IsOptional, IsUrl, Matches } from 'class-validator';
import {
  IsConsistent,
  IsDuration,
  IsNeededWith,
  IsOptionalFlag,
  IsOptionalText,
  LONGEST_TIMEOUT,
  OAuthTokens,
  parseDurationMs,
  WithBrokers,
  type ConfigClass,
  NoConfig,
} from '#libs/platform';
import type { KafkaSettings } from './kafka-client.js';
import { LOGIN_MECHANISMS, type LoginMechanism } from './security/sasl.js';

/** The connection to Kafka. All apps and tools have these variables; docs/secure-connections.md explains them. */
export function WithKafka<Base extends ConfigClass>(base: Base) {
  class KafkaConfig extends WithBrokers(base) {
    /** Whether connections use TLS. By default they do if any of the files below is set. */
    @IsOptionalFlag()
    @IsConsistent(findTlsProblem)
    KAFKA_SSL?: boolean;

    /** The certificates of the authorities that may have signed the brokers' certificates; by default those of Node. */
    @IsOptionalText()
    KAFKA_SSL_CA_FILE?: string;

    /** This client's certificate, for mutual TLS. */
    @IsOptionalText()
    @IsNeededWith('KAFKA_SSL_KEY_FILE')
    KAFKA_SSL_CERT_FILE?: string;

    /** The private key of the certificate. */
    @IsOptionalText()
    @IsNeededWith('KAFKA_SSL_CERT_FILE')
    KAFKA_SSL_KEY_FILE?: string;

    /** How the client logs in. */
    @IsConsistent(findLoginProblem)
    @IsIn([...LOGIN_MECHANISMS, undefined], {
      message: `$property must be one of ${LOGIN_MECHANISMS.join(', ')}`,
    })
    KAFKA_SASL_MECHANISM?: LoginMechanism;

    @IsOptionalText()
    KAFKA_SASL_USERNAME?: string;

    @IsOptionalText()
    KAFKA_SASL_PASSWORD_FILE?: string;

    /** The token endpoint of the authorization server (OAuth 2.0, client credentials). */
    @IsOptional()
    @IsUrl(
      { require_tld: false, protocols: ['http', 'https'], require_protocol: true, disallow_auth: true },
      { message: '$property must be an http(s) URL without a password' },
    )
    @IsConsistent(({ KAFKA_OAUTH_TOKEN_URL: url }: KafkaConfig) =>
      url === undefined || /^https:/i.test(url) || isLoopback(URL.parse(url)?.hostname ?? '')
        ? undefined
        : 'must be an https URL, because the secret is sent to it',
    )
    KAFKA_OAUTH_TOKEN_URL?: string;

    @IsOptionalText()
    KAFKA_OAUTH_CLIENT_ID?: string;

    @IsOptionalText()
    KAFKA_OAUTH_CLIENT_SECRET_FILE?: string;

    @IsOptionalText()
    KAFKA_OAUTH_SCOPE?: string;

    /** How long a new connection, its TLS handshake and its login may take. */
    @IsDuration({ atLeast: 'PT0.001S', atMost: LONGEST_TIMEOUT })
    KAFKA_CONNECTION_TIMEOUT: number = parseDurationMs('PT10S');
  }
  return KafkaConfig;
}

export type KafkaConfig = InstanceType<ReturnType<typeof WithKafka<typeof NoConfig>>>;

/** What `createKafka` needs of the configuration. Callers add their client id. */
export function kafkaSettings(config: KafkaConfig): Omit<KafkaSettings, 'clientId'> {
  return {
    brokers: config.KAFKA_BROKERS,
    connectionTimeoutMs: config.KAFKA_CONNECTION_TIMEOUT,
    ...(usesTls(config)
      ? {
          tls: {
            caFile: config.KAFKA_SSL_CA_FILE,
            certFile: config.KAFKA_SSL_CERT_FILE,
            keyFile: config.KAFKA_SSL_KEY_FILE,
          },
        }
      : {}),
    ...(config.KAFKA_SASL_MECHANISM === undefined ? {} : { login: loginOf(config) }),
  };
}

function loginOf(config: KafkaConfig): KafkaSettings['login'] {
  const mechanism = config.KAFKA_SASL_MECHANISM!;
  if (mechanism !== 'oauthbearer') {
    return {
      mechanism,
      username: config.KAFKA_SASL_USERNAME!,
      passwordFile: config.KAFKA_SASL_PASSWORD_FILE!,
    };
  }
  const tokens = new OAuthTokens({
    prefix: 'KAFKA_OAUTH',
    tokenUrl: config.KAFKA_OAUTH_TOKEN_URL!,
    clientId: config.KAFKA_OAUTH_CLIENT_ID!,
    clientSecretFile: config.KAFKA_OAUTH_CLIENT_SECRET_FILE!,
    scope: config.KAFKA_OAUTH_SCOPE,
  });
  return { mechanism, tokens };
}

const TLS_FILES = ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'] as const;
const PASSWORD_VARIABLES = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'] as const;
const OAUTH_VARIABLES = [
  'KAFKA_OAUTH_TOKEN_URL',
  'KAFKA_OAUTH_CLIENT_ID',
  'KAFKA_OAUTH_CLIENT_SECRET_FILE',
] as const;

const usesTls = (config: KafkaConfig): boolean =>
  config.KAFKA_SSL ?? TLS_FILES.some((name) => config[name] !== undefined);

function findTlsProblem(config: KafkaConfig): string | undefined {
  const given = TLS_FILES.filter((name) => config[name] !== undefined);
  return config.KAFKA_SSL === false && given.length > 0
    ? `is false although ${given.join(', ')} ${given.length === 1 ? 'is' : 'are'} set`
    : undefined;
}

/** A login that is half configured would only fail once the brokers refuse it. */
function findLoginProblem(config: KafkaConfig): string | undefined {
  const mechanism = config.KAFKA_SASL_MECHANISM;
  if (mechanism !== undefined && !LOGIN_MECHANISMS.includes(mechanism)) return undefined;
  const [needed, superfluous]: (readonly (keyof KafkaConfig)[])[] =
    mechanism === undefined
      ? [[], [...PASSWORD_VARIABLES, ...OAUTH_VARIABLES, 'KAFKA_OAUTH_SCOPE']]
      : mechanism === 'oauthbearer'
        ? [OAUTH_VARIABLES, PASSWORD_VARIABLES]
        : [PASSWORD_VARIABLES, [...OAUTH_VARIABLES, 'KAFKA_OAUTH_SCOPE']];
  const missing = needed!.filter((name) => config[name] === undefined);
  if (missing.length > 0) return `${mechanism} needs ${missing.join(' and ')}`;
  const unused = superfluous!.filter((name) => config[name] !== undefined);
  if (unused.length > 0) {
    return mechanism === undefined
      ? `must be set, because ${unused.join(' and ')} ${unused.length === 1 ? 'is' : 'are'}`
      : `${mechanism} does not use ${unused.join(' and ')}`;
  }
  if (
    (mechanism === 'plain' || mechanism === 'oauthbearer') &&
    !usesTls(config) &&
    !areOnThisMachine(config)
  ) {
    return `${mechanism} sends a password or token that anyone on the way can read: set KAFKA_SSL to true`;
  }
  return undefined;
}

const areOnThisMachine = ({ KAFKA_BROKERS }: KafkaConfig): boolean =>
  typeof KAFKA_BROKERS === 'string' &&
  KAFKA_BROKERS.split(',').every((broker) => isLoopback(broker.trim().replace(/:\d*$/, '')));

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(host);

/** Characters of Kafka's names. At most 25, so that a reply topic's name stays within Kafka's limit. */
const PREFIX = /^[A-Za-z0-9._-]{0,25}$/;
const message = '$property must be at most 25 letters, digits, dots, dashes and underscores';

/** The variables that keep the installations on one broker apart. */
export function WithTopics<Base extends ConfigClass>(base: Base) {
  class Config extends base {
    /** Before the name of every topic, for example `staging.`; none for the names of the public contract. */
    @Matches(PREFIX, { message })
    TOPIC_PREFIX: string = '';

    /** Before the name of every consumer group. */
    @Matches(PREFIX, { message })
    GROUP_PREFIX: string = '';
  }
  return Config;
}

/** For what needs no other variable. */
export class TopicsConfig extends WithTopics(NoConfig) {}
