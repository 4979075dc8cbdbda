import { IsNotEmpty, IsString } from 'class-validator';
import type { ConfigClass, NoConfig } from '#libs/platform';

/** The connection to EventStoreDB. */
export function WithEventStore<Base extends ConfigClass>(base: Base) {
  class EventStoreConfig extends base {
    /** `esdb://host:2113`, or `esdb+discover://…` for a cluster. */
    @IsString()
    @IsNotEmpty()
    EVENTSTORE_URL: string;
  }
  return EventStoreConfig;
}

export type EventStoreConfig = InstanceType<ReturnType<typeof WithEventStore<typeof NoConfig>>>;
