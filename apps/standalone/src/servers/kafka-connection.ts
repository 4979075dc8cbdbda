import { kafkaSettings, WithKafka, type KafkaSettings } from '#libs/kafka';
import { loadConfig, NoConfig } from '#libs/platform';

class KafkaConfig extends WithKafka(NoConfig) {}

/**
 * How to connect to the brokers of this service: to external ones as the environment says, with TLS and a login, and to the
 * embedded broker without.
 */
export const kafkaConnection = (
  brokers: string,
  env: NodeJS.ProcessEnv = process.env,
): Omit<KafkaSettings, 'clientId'> =>
  env['KAFKA_BROKERS'] ? kafkaSettings(loadConfig(KafkaConfig, env)) : { brokers };
