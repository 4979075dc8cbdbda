import { AUDIENCE, ISSUER, JWKS_FILE } from '../identity/dev-issuer.js';
import type { ServerAddresses } from '../servers/embedded-servers.js';

export interface AppPorts {
  readonly api: number;
  readonly command: number;
  readonly projector: number;
  readonly notification: number;
}

/** How often one may ask the api. One machine is one address: none of it counts here, unless it is asked for. */
const RATES = [
  'RATE_ADDRESS',
  'RATE_MEMBER',
  'RATE_SEND',
  'RATE_WRONG_EMAIL',
  'RATE_WRONG_EMAIL_RECIPIENT',
  'RATE_LINK_ADDRESS',
  'RATE_LINK',
];

/** What may be set from outside: the policy, and what is told of the apps' work, in the names that they know. */
const PASSED_ON = [
  'INVITATION_LIMIT',
  'RESTRICT_AFTER_DECLINES',
  'FOLLOW_UP_INTERVAL',
  'REMINDERS',
  'REMINDER_VALIDITY',
  'REMINDER_POLL',
  'REMINDER_RETRY',
  'LEASE_TTL',
  'INVITATION_MAIL_INTERVAL',
  'LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_TRACES_SAMPLER_ARG',
  ...RATES,
];

/** Each app's environment, as a deployment would give it. */
export function appEnvironments(
  servers: ServerAddresses,
  ports: AppPorts,
  signInUrl: string,
  linkKeys: string,
): Record<keyof AppPorts, Record<string, string>> {
  const common = {
    KAFKA_BROKERS: servers.kafka,
    DATABASE_URL: servers.postgres,
    ...Object.fromEntries(
      PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
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
    },
    api: {
      ...Object.fromEntries(RATES.map((name) => [name, 'none'])),
      ...common,
      HOST: '127.0.0.1',
      PORT: String(ports.api),
      PUBLIC_URL: publicUrl,
      INSTANCE_ID: 'standalone',
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS: JWKS_FILE,
      LINK_KEYS: linkKeys,
      NOTIFICATION_URL: `http://127.0.0.1:${ports.notification}`,
      SIGN_IN_URL: signInUrl,
    },
  };
}
