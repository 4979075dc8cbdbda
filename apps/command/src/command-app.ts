import { Inject, Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { ReconnectingClient } from '#libs/event-store';
import { BatchConsumer, KafkaRightsCheck, Producer } from '#libs/kafka';
import { Health, startHealthServer, type Pool, type RunningApp } from '#libs/platform';
import { POOL } from '#libs/service';
import { ClockSync } from './clock-sync.js';
import { CommandConfig } from './config.js';
import { DEAD_LETTER_PRODUCER } from './intake/batch-publisher.js';
import { LogContinuity } from './log-continuity.js';
import { PartitionCountCheck } from './partition-count.js';

/** Connects to the servers before the consumer starts, and closes the connections after it has stopped. */
@Injectable()
export class CommandApp {
  constructor(
    private readonly config: CommandConfig,
    private readonly health: Health,
    private readonly metrics: Registry,
    private readonly clocks: ClockSync,
    private readonly rights: KafkaRightsCheck,
    private readonly partitions: PartitionCountCheck,
    private readonly log: LogContinuity,
    private readonly producer: Producer,
    @Inject(DEAD_LETTER_PRODUCER) private readonly letterProducer: Producer,
    private readonly consumer: BatchConsumer,
    private readonly client: ReconnectingClient,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  async start(): Promise<RunningApp> {
    const { HOST: host, HEALTH_PORT: port } = this.config;
    const server = await startHealthServer({ host, port }, this.health, this.metrics);
    await this.clocks.waitForSync();
    await this.rights.waitUntilGranted();
    await this.partitions.waitUntilChecked();
    await this.log.waitUntilChecked();
    await this.producer.connect();
    await this.letterProducer.connect();
    await this.consumer.start();
    const stopping = new AbortController();
    void this.clocks.watch(stopping.signal);
    void this.log.watch(stopping.signal);
    return {
      stop: async () => {
        stopping.abort();
        await this.consumer.stop();
        await this.producer.disconnect();
        await this.letterProducer.disconnect();
        await this.client.close();
        await this.pool.end();
        await server.close();
      },
    };
  }
}
