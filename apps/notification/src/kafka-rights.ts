import type { Topics } from '#libs/contracts';
import type { KafkaRight } from '#libs/kafka';
import { createEventHandlers } from './consumer/topic-handlers.js';

/** What the notification app does with topics and groups. The manifests of the users are compared with it. */
export const notificationRights = (topics: Topics, groupId: string): KafkaRight[] => [
  ...[...createEventHandlers(topics).keys(), topics.profiles].map((name): KafkaRight => ({
    resource: 'topic',
    name,
    operations: ['Read'],
  })),
  { resource: 'group', name: groupId, operations: ['Read'] },
  // A sweep reads the whole topic of profiles with a group of its own.
  { resource: 'group', name: `${groupId}.sweep.`, isPrefix: true, operations: ['Read', 'Delete'] },
];
