import type { Provider } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Topics } from '#libs/contracts';
import { TopicOffsets, type Kafka } from '#libs/kafka';
import { Health, type Logger } from '#libs/platform';
import { MemberDirectory, MemberSweeper, ProfileMetrics, type MemberSweeperSettings } from '#libs/profiles';
import { KAFKA, LOGGER, POOL, provideClass } from '#libs/service';
import { NotificationConfig } from '../config.js';
import { PROFILE_TABLES, saveMembers } from './members.table.js';

const SWEEP_SETTINGS = Symbol('settings of the sweep');

/** The profiles that e-mails need, and the sweep of members that the topic no longer holds. */
export const membersProviders: readonly Provider[] = [
  provideClass(ProfileMetrics, Registry),
  {
    provide: TopicOffsets,
    inject: [KAFKA, Topics],
    useFactory: (kafka: Kafka, topics: Topics) => new TopicOffsets(kafka, topics.profiles),
  },
  {
    provide: MemberDirectory,
    inject: [TopicOffsets, ProfileMetrics, LOGGER],
    useFactory: (offsets: TopicOffsets, metrics: ProfileMetrics, logger: Logger) =>
      new MemberDirectory(PROFILE_TABLES, saveMembers, () => offsets.read(), metrics, logger),
  },
  {
    provide: SWEEP_SETTINGS,
    inject: [NotificationConfig, Topics],
    useFactory: (
      { GROUP_PREFIX, KAFKA_GROUP, MEMBERS_SWEEP_INTERVAL }: NotificationConfig,
      topics: Topics,
    ): MemberSweeperSettings => ({
      tables: PROFILE_TABLES,
      topic: topics.profiles,
      groupId: GROUP_PREFIX + KAFKA_GROUP,
      intervalMs: MEMBERS_SWEEP_INTERVAL,
      command: 'mail-ledger sweep-members --force',
    }),
  },
  provideClass(MemberSweeper, SWEEP_SETTINGS, KAFKA, POOL, ProfileMetrics, Health, LOGGER),
];
