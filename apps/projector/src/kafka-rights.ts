import { EVENT_TYPES, type Topics } from '#libs/contracts';
import type { KafkaRight } from '#libs/kafka';
import { PROOF_GROUP } from './erasure/proof.js';
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

/**
 * What `erase --verify` reads (docs/erasure.md): every topic of the installation, and how long it keeps messages. No app needs as
 * much, so it has a principal of its own.
 */
export const erasureProofRights = (topics: Topics, groupPrefix: string): KafkaRight[] => [
  ...topics.names.map((name): KafkaRight => ({
    resource: 'topic',
    name,
    operations: ['Read', 'DescribeConfigs'],
  })),
  {
    resource: 'topic',
    name: topics.outcomesOf(''),
    isPrefix: true,
    operations: ['Read', 'DescribeConfigs'],
  },
  {
    resource: 'group',
    name: `${groupPrefix}${PROOF_GROUP}.`,
    isPrefix: true,
    operations: ['Read', 'Delete'],
  },
];
