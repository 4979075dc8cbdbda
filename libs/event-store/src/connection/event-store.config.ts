import { IsNotEmpty, IsString } from 'class-validator';
import { IsOptionalText, type ConfigClass, type NoConfig } from '#libs/platform';

/** Who connects to EventStoreDB, and whom it trusts. */
export function WithEventStoreLogin<Base extends ConfigClass>(base: Base) {
  class EventStoreLoginConfig extends base {
    /** The user; unset for a server without TLS. */
    @IsOptionalText()
    EVENTSTORE_USERNAME?: string;

    /** The file of the user's password. It is read again when it changes. */
    @IsOptionalText()
    EVENTSTORE_PASSWORD_FILE?: string;

    /** The certificates of the authorities that may sign the server's certificate, in PEM. */
    @IsOptionalText()
    EVENTSTORE_CA_FILE?: string;

    /** A user's certificate in PEM, for servers that authenticate users by certificates. */
    @IsOptionalText()
    EVENTSTORE_CERT_FILE?: string;

    /** The private key of EVENTSTORE_CERT_FILE, in PEM. */
    @IsOptionalText()
    EVENTSTORE_KEY_FILE?: string;
  }
  return EventStoreLoginConfig;
}

/** The connection to EventStoreDB. */
export function WithEventStore<Base extends ConfigClass>(base: Base) {
  class EventStoreConfig extends WithEventStoreLogin(base) {
    /** `esdb://host:2113`, or `esdb+discover://…` for a cluster. */
    @IsString()
    @IsNotEmpty()
    EVENTSTORE_URL: string;
  }
  return EventStoreConfig;
}

type Variables = InstanceType<ReturnType<typeof WithEventStore<typeof NoConfig>>>;

/** The variables, from a configuration class or from elsewhere. */
export type EventStoreConfig = Pick<Variables, keyof Variables>;
