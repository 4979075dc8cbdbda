import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { until } from '../../until.js';

// Node does not find these among the names that the package exports.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const APPLIED_WITHIN_MS = 60_000;

/** An ACL as in a KafkaUser of Strimzi. The literal name `*` stands for all. */
export interface Acl {
  readonly resource: {
    readonly type: 'topic' | 'group';
    readonly name: string;
    readonly patternType: 'literal' | 'prefix';
  };
  /** Such as `Read`. */
  readonly operations: readonly string[];
}

const operationType = (operation: string) =>
  AclOperationTypes[
    operation.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as keyof typeof AclOperationTypes
  ];

/**
 * Adds ACLs for a user, and waits until a broker has applied them: the controller responds before.
 * @param brokers of a listener at which everybody may do everything
 */
export async function grantAcls(brokers: string, user: string, acls: readonly Acl[]): Promise<void> {
  const admin = new Kafka({
    brokers: brokers.split(','),
    connectionTimeout: 10_000,
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  const entries = acls.flatMap(({ resource: { type, name, patternType }, operations }) =>
    operations.map((operation) => ({
      resourceType: type === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
      resourceName: name,
      resourcePatternType:
        patternType === 'prefix' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      principal: `User:${user}`,
      host: '*',
      operation: operationType(operation),
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
  await admin.createAcls({ acl: entries });
  const isApplied = async (entry: (typeof entries)[number]) =>
    (await admin.describeAcls(entry)).resources.some(({ acls: found }) => found.length > 0);
  for (const entry of entries) await until(() => isApplied(entry), APPLIED_WITHIN_MS, 'an ACL');
  await admin.disconnect();
}
