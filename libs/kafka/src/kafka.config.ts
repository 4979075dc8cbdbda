import { IsNotEmpty, IsString } from 'class-validator';
import type { ConfigClass, NoConfig } from '#libs/platform';

/** The connection to Kafka. */
export function WithKafka<Base extends ConfigClass>(base: Base) {
  class KafkaConfig extends base {
    /** `host:port`, comma separated. */
    @IsString()
    @IsNotEmpty()
    KAFKA_BROKERS: string;
  }
  return KafkaConfig;
}

export type KafkaConfig = InstanceType<ReturnType<typeof WithKafka<typeof NoConfig>>>;
