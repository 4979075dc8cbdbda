import type { Topics } from '#libs/contracts';
import type { KafkaRight } from '#libs/kafka';

/** What the command app does with topics and groups. The manifests of the users are compared with it. */
export const commandRights = (topics: Topics, groupId: string): KafkaRight[] => [
  { resource: 'topic', name: topics.commands, operations: ['Read'] },
  // It looks for what it has already published there.
  { resource: 'topic', name: topics.deadLetters, operations: ['Read', 'Write'] },
  { resource: 'topic', name: topics.outcomesOf(''), isPrefix: true, operations: ['Write'] },
  { resource: 'group', name: groupId, operations: ['Read'] },
  { resource: 'group', name: `${groupId}.look-back.`, isPrefix: true, operations: ['Read', 'Delete'] },
];

/** In addition, for the tools `dead-letters` and `close-account`, which run in a pod of the app. `redrive` and `close-account` publish commands. */
export const toolRights = (topics: Topics, groupPrefix: string): KafkaRight[] => [
  { resource: 'topic', name: topics.commands, operations: ['Write'] },
  { resource: 'group', name: `${groupPrefix}dead-letters.`, isPrefix: true, operations: ['Read', 'Delete'] },
];
