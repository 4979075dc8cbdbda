import { Inject, Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import type { RenewingClient } from '#libs/event-store';
import { KafkaRightsCheck, Producer } from '#libs/kafka';
import { Health, startHealthServer, type Pool, type RunningApp } from '#libs/platform';
import { POOL } from '#libs/service';
import { ProjectorConfig } from './config.js';
import { EVENT_STORE } from './projection-workers.js';
import { SELECTED_WORKERS, type Worker } from './workers.js';

/** Connects to Kafka before the workers start, and closes the connections after they have stopped. */
@Injectable()
export class ProjectorApp {
  constructor(
    private readonly config: ProjectorConfig,
    private readonly health: Health,
    private readonly metrics: Registry,
    private readonly rights: KafkaRightsCheck,
    private readonly producer: Producer,
    @Inject(SELECTED_WORKERS) private readonly workers: readonly Worker[],
    @Inject(EVENT_STORE) private readonly client: RenewingClient,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  async start(): Promise<RunningApp> {
    const { HOST: host, HEALTH_PORT: port } = this.config;
    const server = await startHealthServer({ host, port }, this.health, this.metrics);
    await this.rights.waitUntilGranted();
    await this.producer.connect();
    await Promise.all(this.workers.map(async (worker) => worker.start()));
    return {
      stop: async () => {
        await Promise.all(this.workers.map((worker) => worker.stop()));
        await this.producer.disconnect();
        await this.client.close();
        await this.pool.end();
        await server.close();
      },
    };
  }
}
