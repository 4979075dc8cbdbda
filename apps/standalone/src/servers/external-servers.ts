import { eventStoreCheck, type EventStoreConfig } from '#libs/event-store';
import { kafkaCheck } from '#libs/kafka';
import { smtpCheck } from '#libs/mail';
import { checkServer, postgresCheck, ServerUnusableError } from '#libs/platform';
import { databaseConnection } from './database-connection.js';
import type { EventStoreLogins } from './event-store-logins.js';
import { mailConnection } from './mail-connection.js';
import { kafkaConnection } from './kafka-connection.js';

/** Servers that already run. Missing ones are embedded. */
export interface ExternalServers {
  readonly eventStore?: EventStoreLogins;
  readonly kafka?: string;
  readonly postgres?: string;
  readonly mail?: {
    readonly smtp: string;
    /** The web page that shows its e-mails. */
    readonly page: string;
  };
}

/**
 * Reads the addresses of external servers from the variables that the apps use.
 * @throws when SMTP_URL is set without MAIL_URL
 */
export function readExternalServers(env: NodeJS.ProcessEnv): ExternalServers {
  const { KAFKA_BROKERS, DATABASE_URL, SMTP_URL, MAIL_URL } = env;
  const eventStore = readEventStore(env);
  if (SMTP_URL && !MAIL_URL) throw new Error('SMTP_URL needs MAIL_URL, the web page that shows its e-mails');
  return {
    ...(eventStore === undefined ? {} : { eventStore }),
    ...(KAFKA_BROKERS ? { kafka: KAFKA_BROKERS } : {}),
    ...(DATABASE_URL ? { postgres: DATABASE_URL } : {}),
    ...(SMTP_URL && MAIL_URL ? { mail: { smtp: SMTP_URL, page: MAIL_URL } } : {}),
  };
}

/** The login of each app is in the variables of the apps, or in those of one app alone: `COMMAND__EVENTSTORE_USERNAME`. */
function readEventStore(env: NodeJS.ProcessEnv): EventStoreLogins | undefined {
  const { EVENTSTORE_URL } = env;
  if (!EVENTSTORE_URL) return undefined;
  const configOf = (app: string): EventStoreConfig => {
    const login = EVENTSTORE_LOGIN.map((name) => [name, env[`${app}__${name}`] || env[name]]);
    const given = Object.fromEntries(login.filter(([, value]) => value)) as Partial<EventStoreConfig>;
    return { ...given, EVENTSTORE_URL };
  };
  return { command: configOf('COMMAND'), projector: configOf('PROJECTOR') };
}

const EVENTSTORE_LOGIN = [
  'EVENTSTORE_USERNAME',
  'EVENTSTORE_PASSWORD_FILE',
  'EVENTSTORE_CA_FILE',
  'EVENTSTORE_CERT_FILE',
  'EVENTSTORE_KEY_FILE',
] as const;

/**
 * Checks within seconds whether the external servers can be used. One that only does not respond in time may still be
 * starting: it is reported, and the service waits for it.
 * @throws with every server that cannot be used
 */
export async function checkExternalServers(
  { eventStore, kafka, postgres, mail }: ExternalServers,
  print: (line: string) => void,
): Promise<void> {
  const checks = [
    ...(eventStore === undefined
      ? []
      : [
          eventStoreCheck(eventStore.projector, 'reads the log'),
          eventStoreCheck(eventStore.command, 'writes accounts'),
        ]),
    ...(kafka === undefined ? [] : [kafkaCheck(kafkaConnection(kafka))]),
    ...(postgres === undefined ? [] : [postgresCheck(databaseConnection(postgres))]),
    ...(mail === undefined ? [] : [smtpCheck(mailConnection(mail.smtp))]),
  ];
  const failures = await Promise.all(
    checks.map((check) =>
      checkServer(check).then(
        () => undefined,
        (error: ServerUnusableError) => error,
      ),
    ),
  );
  const unusable = failures.filter((failure) => failure !== undefined);
  for (const { message, isTimeout } of unusable) if (isTimeout) print(`${message}; waiting for it`);
  const reasons = new Set(unusable.filter(({ isTimeout }) => !isTimeout).map(({ message }) => message));
  if (reasons.size > 0) throw new Error([...reasons].join('\n'));
}
