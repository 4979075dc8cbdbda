import { AUDIENCE, ISSUER, JWKS_FILE, type AppSecrets } from '../identity/dev-issuer.js';
import { mailVariables } from '../servers/mail-connection.js';
import { databaseVariables } from '../servers/database-connection.js';
import type { ServerAddresses } from '../servers/embedded-servers.js';

export interface AppPorts {
  readonly api: number;
  readonly command: number;
  readonly projector: number;
  readonly notification: number;
}

/** Rate limits of the api. All requests come from one address here, so none applies unless it is set. */
const RATE_VARIABLES = [
  'RATE_ADDRESS',
  'RATE_MEMBER',
  'RATE_SEND',
  'RATE_WRONG_EMAIL',
  'RATE_WRONG_EMAIL_RECIPIENT',
  'RATE_LINK_ADDRESS',
  'RATE_LINK',
];

/** Variables that the apps get from the environment of `npm start`. */
const PASSED_VARIABLES = [
  'TOPIC_PREFIX',
  'GROUP_PREFIX',
  'INVITATION_LIMIT',
  'RESTRICT_AFTER_DECLINES',
  'FOLLOW_UP_INTERVAL',
  'REMINDERS',
  'REMINDER_VALIDITY',
  'INVITATION_EXPIRY',
  'REMINDER_POLL',
  'REMINDER_RETRY',
  'EXPIRY_RATE',
  'LEASE_TTL',
  'MEMBERS_SWEEP_INTERVAL',
  'TEXT_ENCRYPTION',
  'INVITATION_MAIL_INTERVAL',
  'MAIL_MAX_AGE',
  'LOG_LEVEL',
  'NODE_COMPILE_CACHE',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_EXPORTER_OTLP_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_CLIENT_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_TRACES_SAMPLER_ARG',
  ...RATE_VARIABLES,
];

/** How the apps connect to external brokers. The embedded one has neither TLS nor logins. */
const EXTERNAL_KAFKA_VARIABLES = [
  'KAFKA_SSL',
  'KAFKA_SSL_CA_FILE',
  'KAFKA_SSL_CERT_FILE',
  'KAFKA_SSL_KEY_FILE',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD_FILE',
  'KAFKA_OAUTH_TOKEN_URL',
  'KAFKA_OAUTH_CLIENT_ID',
  'KAFKA_OAUTH_CLIENT_SECRET_FILE',
  'KAFKA_OAUTH_SCOPE',
  'KAFKA_CONNECTION_TIMEOUT',
];

const pickVariables = (names: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

/**
 * The variables of one app alone: `COMMAND__KAFKA_SASL_USERNAME` is KAFKA_SASL_USERNAME of the command app. So each app can
 * have a login of its own at an external server, as in a deployment.
 */
const ownVariables = (app: keyof AppPorts, env: NodeJS.ProcessEnv): Record<string, string> => {
  const prefix = `${app.toUpperCase()}__`;
  const own = Object.entries(env).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value ?? '']));
};

/** Creates the environment of each app, as a deployment would. */
export function createAppEnvironments(
  servers: ServerAddresses,
  ports: AppPorts,
  signInUrl: string,
  { linkKeys, internalSecret, textKeys }: AppSecrets,
): Record<keyof AppPorts, Record<string, string>> {
  const common = {
    HOST: '127.0.0.1',
    KAFKA_BROKERS: servers.kafka,
    DATABASE_URL: servers.postgres,
    ...databaseVariables(),
    ...pickVariables(PASSED_VARIABLES, process.env),
    ...(process.env['KAFKA_BROKERS'] ? pickVariables(EXTERNAL_KAFKA_VARIABLES, process.env) : {}),
  };
  const publicUrl = `http://127.0.0.1:${ports.api}`;
  return {
    command: {
      ...common,
      ...servers.eventStore.command,
      TEXT_KEYS: textKeys,
      HEALTH_PORT: String(ports.command),
      ...ownVariables('command', process.env),
    },
    projector: {
      ...common,
      ...servers.eventStore.projector,
      TEXT_KEYS: textKeys,
      HEALTH_PORT: String(ports.projector),
      ...ownVariables('projector', process.env),
    },
    notification: {
      ...common,
      HEALTH_PORT: String(ports.notification),
      SMTP_URL: servers.smtp,
      ...mailVariables(),
      MAIL_FROM: 'Invitations <invitations@network.example>',
      NETWORK_NAME: 'Sample Network',
      PUBLIC_URL: publicUrl,
      LINK_KEYS: linkKeys,
      INTERNAL_SECRETS: internalSecret,
      ...ownVariables('notification', process.env),
    },
    api: {
      ...Object.fromEntries(RATE_VARIABLES.map((name) => [name, 'none'])),
      ...common,
      PORT: String(ports.api),
      PUBLIC_URL: publicUrl,
      INSTANCE_ID: 'standalone',
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS: JWKS_FILE,
      LINK_KEYS: linkKeys,
      INTERNAL_SECRETS: internalSecret,
      NOTIFICATION_URL: `http://127.0.0.1:${ports.notification}`,
      SIGN_IN_URL: signInUrl,
      NETWORK_NAME: 'Sample Network',
      ...ownVariables('api', process.env),
    },
  };
}
