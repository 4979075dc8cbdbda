import { AUDIENCE, ISSUER, JWKS_FILE } from '../identity/dev-issuer.js';
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
  'REMINDER_POLL',
  'REMINDER_RETRY',
  'LEASE_TTL',
  'MEMBERS_SWEEP_INTERVAL',
  'INVITATION_MAIL_INTERVAL',
  'MAIL_MAX_AGE',
  'LOG_LEVEL',
  'NODE_COMPILE_CACHE',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_TRACES_SAMPLER_ARG',
  ...RATE_VARIABLES,
];

/** Creates the environment of each app, as a deployment would. */
export function createAppEnvironments(
  servers: ServerAddresses,
  ports: AppPorts,
  signInUrl: string,
  { linkKeys, internalSecret }: { readonly linkKeys: string; readonly internalSecret: string },
): Record<keyof AppPorts, Record<string, string>> {
  const common = {
    HOST: '127.0.0.1',
    KAFKA_BROKERS: servers.kafka,
    DATABASE_URL: servers.postgres,
    ...Object.fromEntries(
      PASSED_VARIABLES.flatMap((name) =>
        process.env[name] === undefined ? [] : [[name, process.env[name]]],
      ),
    ),
  };
  const publicUrl = `http://127.0.0.1:${ports.api}`;
  return {
    command: { ...common, EVENTSTORE_URL: servers.eventStore, HEALTH_PORT: String(ports.command) },
    projector: { ...common, EVENTSTORE_URL: servers.eventStore, HEALTH_PORT: String(ports.projector) },
    notification: {
      ...common,
      HEALTH_PORT: String(ports.notification),
      SMTP_URL: servers.smtp,
      MAIL_FROM: 'Invitations <invitations@network.example>',
      PUBLIC_URL: publicUrl,
      LINK_KEYS: linkKeys,
      INTERNAL_SECRETS: internalSecret,
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
    },
  };
}
