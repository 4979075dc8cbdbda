import { eventStoreCheck } from '#libs/event-store';
import { kafkaCheck } from '#libs/kafka';
import { smtpCheck } from '#libs/mail';
import { checkServer, postgresCheck, ServerUnusableError } from '#libs/platform';
import { kafkaConnection } from './kafka-connection.js';

/** Servers that already run. Missing ones are embedded. */
export interface ExternalServers {
  readonly eventStore?: string;
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
  const { EVENTSTORE_URL, KAFKA_BROKERS, DATABASE_URL, SMTP_URL, MAIL_URL } = env;
  if (SMTP_URL && !MAIL_URL) throw new Error('SMTP_URL needs MAIL_URL, the web page that shows its e-mails');
  return {
    ...(EVENTSTORE_URL ? { eventStore: EVENTSTORE_URL } : {}),
    ...(KAFKA_BROKERS ? { kafka: KAFKA_BROKERS } : {}),
    ...(DATABASE_URL ? { postgres: DATABASE_URL } : {}),
    ...(SMTP_URL && MAIL_URL ? { mail: { smtp: SMTP_URL, page: MAIL_URL } } : {}),
  };
}

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
    ...(eventStore === undefined ? [] : [eventStoreCheck(eventStore)]),
    ...(kafka === undefined ? [] : [kafkaCheck(kafkaConnection(kafka))]),
    ...(postgres === undefined ? [] : [postgresCheck(postgres)]),
    ...(mail === undefined ? [] : [smtpCheck(mail.smtp)]),
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
  const reasons = unusable.filter(({ isTimeout }) => !isTimeout).map(({ message }) => message);
  if (reasons.length > 0) throw new Error(reasons.join('\n'));
}
