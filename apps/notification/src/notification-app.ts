import { Inject, Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { BatchConsumer, KafkaRightsCheck, TopicOffsets } from '#libs/kafka';
import { SmtpSender } from '#libs/mail';
import { Health, startHealthServer, type Logger, type Pool, type RunningApp } from '#libs/platform';
import { MemberSweeper } from '#libs/profiles';
import { LOGGER, POOL } from '#libs/service';
import { NotificationConfig } from './config.js';
import { preferencesRoutes } from './preferences/preferences.routes.js';
import { OutboxWorker } from './sending/outbox-worker.js';

/**
 * Time for the transfers in progress when the app stops, in milliseconds. It is below the deadline of the process: a transfer
 * that takes longer is cut off, and recorded as such.
 */
const DRAIN_MS = 12_000;

/** Starts and stops the parts of the app in order: the consumer starts last and stops first. */
@Injectable()
export class NotificationApp {
  constructor(
    private readonly config: NotificationConfig,
    private readonly health: Health,
    private readonly metrics: Registry,
    private readonly rights: KafkaRightsCheck,
    private readonly consumer: BatchConsumer,
    private readonly sweeper: MemberSweeper,
    private readonly profileOffsets: TopicOffsets,
    private readonly worker: OutboxWorker,
    private readonly smtp: SmtpSender,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<RunningApp> {
    const { HOST: host, HEALTH_PORT: port, INTERNAL_SECRETS } = this.config;
    const preferences = preferencesRoutes(this.pool, INTERNAL_SECRETS, this.logger);
    const server = await startHealthServer({ host, port }, this.health, this.metrics, preferences);
    this.worker.start();
    await this.rights.waitUntilGranted();
    await this.sweeper.start();
    await this.consumer.start();
    return {
      stop: async () => {
        await this.consumer.stop();
        await this.sweeper.stop();
        await this.profileOffsets.close();
        const timer = setTimeout(() => this.smtp.close(true), DRAIN_MS);
        await this.worker.stop();
        clearTimeout(timer);
        this.smtp.close();
        await server.close();
        await this.pool.end();
      },
    };
  }
}
