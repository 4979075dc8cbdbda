import { describe, expect, it } from '@jest/globals';
import { EVENT_TYPES, Topics } from '#libs/contracts';
import type { KafkaRight } from '#libs/kafka';
import { apiRights } from '../../apps/api/src/commands/kafka-rights.js';
import { commandRights, toolRights } from '../../apps/command/src/kafka-rights.js';
import { notificationRights } from '../../apps/notification/src/kafka-rights.js';
import { erasureProofRights, projectorRights } from '../../apps/projector/src/kafka-rights.js';
import { MEMBERS_GROUP } from '../../apps/projector/src/members/member-profiles.consumer.js';
import { WORKERS } from '../../apps/projector/src/workers.js';
import { APPS } from './support/workloads.js';
import { grantsOf, readKafkaUsers, type Grant } from './support/kafka-users.js';

const topics = new Topics();
const users = readKafkaUsers();

/** One line for each operation, so that rights of several parts of an app can be compared with ACLs. */
const toGrants = (rights: readonly KafkaRight[]): Grant[] =>
  rights.flatMap(({ resource, name, isPrefix, operations }) =>
    operations.map((operation) => `${operation} ${resource} ${name}${isPrefix ? '*' : ''}` as const),
  );

const unique = (grants: readonly string[]) => [...new Set(grants)].toSorted();

/** The groups of the apps by default. */
const { COMMAND_GROUP } = new APPS.command.Config();
const { KAFKA_GROUP } = new APPS.notification.Config();

describe('the KafkaUser of an app', () => {
  it.each<[string, KafkaRight[]]>([
    ['invitations-command', [...commandRights(topics, COMMAND_GROUP), ...toolRights(topics, '')]],
    ['invitations-projector', projectorRights(topics, '', WORKERS)],
    ['invitations-notification', notificationRights(topics, KAFKA_GROUP)],
    // An instance id of `*` stands for those of all instances.
    ['invitations-api', apiRights(topics, '', '*')],
    ['invitations-verify', projectorRights(topics, '', ['record-connections'])],
    ['invitations-erasure-proof', erasureProofRights(topics, '')],
  ])('grants what the code needs and nothing else: %s', (name, rights) => {
    expect(unique(grantsOf(users.get(name)!))).toEqual(unique(toGrants(rights)));
  });

  it('grants KEDA a look at the groups and topics that it scales by, and no more', () => {
    const consumed = [
      topics.commands,
      ...notificationRights(topics, KAFKA_GROUP).flatMap(({ resource, name }) =>
        resource === 'topic' ? [name] : [],
      ),
    ];
    expect(unique(grantsOf(users.get('invitations-keda')!))).toEqual(
      unique([
        ...[COMMAND_GROUP, MEMBERS_GROUP, KAFKA_GROUP].map((group) => `Describe group ${group}`),
        ...consumed.map((topic) => `Describe topic ${topic}`),
      ]),
    );
  });

  it('lets no other app than notification read the reminders that are due, whose gaps tell of silent answers (D1)', () => {
    const readers = [...users].filter(([, user]) =>
      grantsOf(user).some(
        (grant) => grant === `Read topic ${topics.reminderDue}` || grant === 'Read topic *',
      ),
    );
    // Who may run the proof of an erasure may also read the log, which tells more.
    expect(readers.map(([name]) => name)).toEqual(['invitations-notification', 'invitations-erasure-proof']);
  });

  it('lets the proof of an erasure read every topic that carries texts or profiles, and write none', () => {
    const grants = grantsOf(users.get('invitations-erasure-proof')!);
    for (const topic of [...topics.withTexts, topics.profiles])
      expect(grants).toContain(`Read topic ${topic}`);
    expect(grants.filter((grant) => /^(Write|Create|Alter)/.test(grant))).toEqual([]);
  });

  it('lets only the projector write public events', () => {
    for (const { topic } of Object.values(EVENT_TYPES)) {
      const writers = [...users].filter(([, user]) =>
        grantsOf(user).includes(`Write topic ${topics[topic]}`),
      );
      expect(writers.map(([name]) => name)).toEqual(['invitations-projector']);
    }
  });
});
