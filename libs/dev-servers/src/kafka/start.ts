import { type DevServer, launch, type LaunchOptions } from '../process/dev-server.js';
import type { KafkaAddresses, KafkaSettings } from './settings.js';

/**
 * Starts the development broker, which speaks Kafka's protocol, in a child process on 127.0.0.1.
 * @throws when another process holds `dataDir`, a file there is damaged, or NODE_ENV is production
 */
export function startKafka(
  settings: KafkaSettings,
  options?: LaunchOptions,
): Promise<DevServer<KafkaAddresses>> {
  return launch<KafkaAddresses>('kafka/main', settings, options);
}
