import type { Topics } from '#libs/contracts';
import type { KafkaRight } from '#libs/kafka';

/** The name of an instance's reply topic, after the prefix of all reply topics, and of its consumer group. */
export const instanceName = (instanceId: string): string => `api-${instanceId}`;

/**
 * What an instance of the api does with topics and groups. The manifests of the users grant it for the names of all instances, and
 * are compared with it.
 */
export const apiRights = (topics: Topics, groupPrefix: string, instanceId: string): KafkaRight[] => [
  { resource: 'topic', name: topics.commands, operations: ['Write'] },
  // Each instance creates the topic of its outcomes.
  { resource: 'topic', name: topics.outcomesOf(instanceName(instanceId)), operations: ['Create', 'Read'] },
  { resource: 'group', name: groupPrefix + instanceName(instanceId), operations: ['Read'] },
];
