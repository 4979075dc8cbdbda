import { Injectable, type Provider } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Topics } from '#libs/contracts';
import { BatchConsumer, TopicOffsets, type Kafka } from '#libs/kafka';
import { Health, type Logger, type Pool } from '#libs/platform';
import {
  MemberSweeper,
  ProfileMetrics,
  SHARED_PROFILE_TABLES,
  type MemberSweeperSettings,
} from '#libs/profiles';
import { consumerProvider, KAFKA, LOGGER, POOL, provideClass } from '#libs/service';
import { ProjectorConfig } from '../config.js';
import type { Worker } from '../workers.js';
import { MEMBERS_GROUP, MemberProfilesHandler } from './member-profiles.consumer.js';

/** Consumes profiles, and from time to time removes members that the topic no longer holds. */
@Injectable()
export class MembersWorker implements Worker {
  constructor(
    private readonly consumer: BatchConsumer,
    private readonly sweeper: MemberSweeper,
    private readonly offsets: TopicOffsets,
  ) {}

  async start(): Promise<void> {
    await this.sweeper.start();
    await this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
    await this.sweeper.stop();
    await this.offsets.close();
  }
}

const SWEEP_SETTINGS = Symbol('settings of the sweep');

export const membersProviders: readonly Provider[] = [
  provideClass(ProfileMetrics, Registry),
  {
    provide: TopicOffsets,
    inject: [KAFKA, Topics],
    useFactory: (kafka: Kafka, topics: Topics) => new TopicOffsets(kafka, topics.profiles),
  },
  {
    provide: MemberProfilesHandler,
    inject: [POOL, TopicOffsets, ProfileMetrics, LOGGER],
    useFactory: (pool: Pool, offsets: TopicOffsets, metrics: ProfileMetrics, logger: Logger) =>
      new MemberProfilesHandler(pool, () => offsets.read(), metrics, logger),
  },
  consumerProvider([MemberProfilesHandler, Topics, ProjectorConfig], (handler, topics, { GROUP_PREFIX }) => ({
    groupId: GROUP_PREFIX + MEMBERS_GROUP,
    topics: [topics.profiles],
    handle: (messages) => handler.handle(messages),
  })),
  {
    provide: SWEEP_SETTINGS,
    inject: [ProjectorConfig, Topics],
    useFactory: (
      { GROUP_PREFIX, MEMBERS_SWEEP_INTERVAL }: ProjectorConfig,
      topics: Topics,
    ): MemberSweeperSettings => ({
      tables: SHARED_PROFILE_TABLES,
      topic: topics.profiles,
      groupId: GROUP_PREFIX + MEMBERS_GROUP,
      intervalMs: MEMBERS_SWEEP_INTERVAL,
      command: 'projections sweep-members --force',
    }),
  },
  provideClass(MemberSweeper, SWEEP_SETTINGS, KAFKA, POOL, ProfileMetrics, Health, LOGGER),
  MembersWorker,
];
