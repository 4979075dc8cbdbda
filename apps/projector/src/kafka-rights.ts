import { EVENT_TYPES, type Topics } from '#libs/contracts';
import type { KafkaRight } from '#libs/kafka';
import { MEMBERS_GROUP } from './members/member-profiles.consumer.js';
import type { WorkerName } from './workers.js';

/** What the workers do with topics and groups. The manifests of the users are compared with it. */
export function projectorRights(
  topics: Topics,
  groupPrefix: string,
  workers: readonly WorkerName[],
): KafkaRight[] {
  const has = (...names: WorkerName[]) => names.some((name) => workers.includes(name));
  const group = groupPrefix + MEMBERS_GROUP;
  return [
    ...(has('publisher')
      ? Object.values(EVENT_TYPES).map(({ topic }): KafkaRight => ({
          resource: 'topic',
          name: topics[topic],
          operations: ['Write'],
        }))
      : []),
    ...(has('reminders', 'record-connections')
      ? [{ resource: 'topic', name: topics.commands, operations: ['Write'] } as const]
      : []),
    ...(has('members')
      ? ([
          { resource: 'topic', name: topics.profiles, operations: ['Read'] },
          { resource: 'group', name: group, operations: ['Read'] },
          { resource: 'group', name: `${group}.sweep.`, isPrefix: true, operations: ['Read', 'Delete'] },
        ] as const)
      : []),
  ];
}
