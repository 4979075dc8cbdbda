import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { parseLinkKeys } from '#libs/mail';
import { createPool, Health, measurePool, measureProcess, type Logger, type Running } from '#libs/platform';
import { openKafkaChannel } from './commands/open-kafka-channel.js';
import type { ApiConfig } from './config.js';
import { createApp } from './create-app.js';
import { openKeySet } from './identity/key-set.js';
import { TokenVerifier } from './identity/token-verifier.js';

/** Once no request is under way, nothing is lost by not waiting for a broker that is gone. In milliseconds. */
const KAFKA_CLOSES_WITHIN = 5_000;

/** Opens what the app needs, then listens; stops in the opposite order, so that no request loses what it stands on. */
export async function startApi(
  config: ApiConfig,
  logger: Logger,
  onFatal: (reason: string, error?: unknown) => void,
): Promise<Running> {
  const health = new Health();
  const metrics = new Registry();
  measureProcess(metrics);
  const linkKeys = config.LINK_KEYS === undefined ? undefined : parseLinkKeys(config.LINK_KEYS);
  const verifier = new TokenVerifier(await openKeySet(config.AUTH_JWKS), {
    issuer: config.AUTH_ISSUER,
    audience: config.AUTH_AUDIENCE,
  });
  const { DATABASE_URL: url, DATABASE_TIMEOUT: statementMs } = config;
  const db = createPool({ url, app: 'api', statementMs }, logger);
  measurePool(metrics, db);
  const { KAFKA_BROKERS: brokers, INSTANCE_ID: instanceId, COMMAND_TIMEOUT: timeoutMs } = config;
  const kafka = await openKafkaChannel({ brokers, instanceId, timeoutMs, onFatal }, health, metrics, logger);
  const { channel } = kafka;
  const app = await createApp({ config, logger, health, metrics, db, channel, verifier, linkKeys });
  await app.listen(config.PORT, config.HOST);
  logger.info({ url: await app.getUrl() }, 'listening');
  return {
    async stop() {
      await app.close();
      await Promise.race([kafka.close(), sleep(KAFKA_CLOSES_WITHIN)]);
      await db.end();
    },
  };
}
