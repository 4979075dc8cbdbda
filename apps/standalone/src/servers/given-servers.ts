/** Servers that run already. What is not given is embedded. */
export interface GivenServers {
  readonly eventStore?: string;
  readonly kafka?: string;
  readonly postgres?: string;
  readonly mail?: {
    readonly smtp: string;
    /** Where its e-mails can be looked at. */
    readonly page: string;
  };
}

/**
 * By the names under which the apps know their servers.
 * @throws when SMTP_URL stands there without MAIL_URL
 */
export function givenServers(env: NodeJS.ProcessEnv): GivenServers {
  const { EVENTSTORE_URL, KAFKA_BROKERS, DATABASE_URL, SMTP_URL, MAIL_URL } = env;
  if (SMTP_URL && !MAIL_URL) throw new Error('SMTP_URL needs MAIL_URL, where its e-mails can be looked at');
  return {
    ...(EVENTSTORE_URL ? { eventStore: EVENTSTORE_URL } : {}),
    ...(KAFKA_BROKERS ? { kafka: KAFKA_BROKERS } : {}),
    ...(DATABASE_URL ? { postgres: DATABASE_URL } : {}),
    ...(SMTP_URL && MAIL_URL ? { mail: { smtp: SMTP_URL, page: MAIL_URL } } : {}),
  };
}

/** An address as it may be shown: without the password that it may hold. */
export function shown(address: string): string {
  return address.replace(/^([a-z+]+:\/\/[^:@/]*):[^@/]*@/, '$1@');
}
