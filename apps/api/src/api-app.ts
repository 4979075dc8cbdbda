import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type INestApplication } from '@nestjs/common';
import { Registry } from 'prom-client';
import { registerProcessMetrics, type Logger, type Pool, type RunningApp } from '#libs/platform';
import { LOGGER, POOL } from '#libs/service';
import { CommandChannel } from './commands/kafka-command-channel.js';
import { ApiConfig } from './config/api.config.js';

/** Milliseconds to wait for Kafka to close. When no request is in flight, nothing is lost by leaving an unreachable broker. */
const KAFKA_CLOSE_TIMEOUT_MS = 5_000;

/**
 * Connects to Kafka, then listens. Stops in the opposite order, so that no request loses a connection that it uses.
 */
@Injectable()
export class ApiApp {
  constructor(
    private readonly config: ApiConfig,
    private readonly metrics: Registry,
    private readonly channel: CommandChannel,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(http: INestApplication): Promise<RunningApp> {
    registerProcessMetrics(this.metrics);
    let listening: Promise<unknown> | undefined;
    const listen = async () => {
      await (listening ??= http.listen(this.config.PORT, this.config.HOST));
    };
    // While it waits for rights in Kafka, the readiness says so.
    await this.channel.connect(listen);
    await listen();
    this.logger.info({ url: await http.getUrl() }, 'listening');
    return {
      stop: async () => {
        await http.close();
        await Promise.race([this.channel.close(), sleep(KAFKA_CLOSE_TIMEOUT_MS)]);
        await this.pool.end();
      },
    };
  }
}
