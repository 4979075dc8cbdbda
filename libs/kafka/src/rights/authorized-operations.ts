import type { Kafka } from 'kafkajs';
import {
  brokerErrorType,
  loadKafkajsModules,
  openCluster,
  type KafkajsBroker,
  type KafkajsDecoder,
} from '../protocol/kafkajs-internals.js';

/** The operations of Kafka's ACLs that this service needs. Read and Write include Describe. */
export type KafkaOperation = 'Read' | 'Write' | 'Create' | 'Delete' | 'Describe' | 'DescribeConfigs';

/*
 * What the brokers say that this client may do (KIP-430). kafkajs does not ask for it: its newest versions of these requests are
 * Metadata 6 and DescribeGroups 2.
 */

const METADATA = { apiKey: 3, apiName: 'Metadata', apiVersion: 8 };
const DESCRIBE_GROUPS = { apiKey: 15, apiName: 'DescribeGroups', apiVersion: 3 };

/** The bits of an operation in a response. */
const BITS: Readonly<Record<KafkaOperation, number>> = {
  Read: 3,
  Write: 4,
  Create: 5,
  Delete: 6,
  Describe: 8,
  DescribeConfigs: 10,
};

const NO_ERROR = 0;
const TOPIC_AUTHORIZATION_FAILED = 29;
const GROUP_AUTHORIZATION_FAILED = 30;

/** `unknown` if the brokers do not say, as for a topic that does not exist. */
export type AllowedOperations = ReadonlySet<KafkaOperation> | 'unknown';

/** Asks the brokers what this client may do. Brokers before Kafka 2.3, and some compatible ones, do not say. */
export async function withAuthorizedOperations<T>(
  kafka: Kafka,
  work: (ask: {
    readonly ofTopic: (name: string) => Promise<AllowedOperations>;
    readonly ofGroup: (name: string) => Promise<AllowedOperations>;
  }) => Promise<T>,
): Promise<T> {
  const cluster = openCluster(kafka);
  await cluster.connect();
  try {
    await cluster.refreshMetadata();
    return await work({
      ofTopic: async (name) => readTopic(await cluster.brokerPool.findConnectedBroker(), name),
      ofGroup: async (name) =>
        (await isHidden(await cluster.brokerPool.findConnectedBroker(), name))
          ? NONE
          : readGroup(await cluster.findGroupCoordinator({ groupId: name }), name),
    });
  } finally {
    await cluster.disconnect();
  }
}

/** Whether not even the coordinator of the group may be known. kafkajs otherwise reports that there is none. */
async function isHidden(broker: KafkajsBroker, groupId: string): Promise<boolean> {
  try {
    await broker.findGroupCoordinator({ groupId, coordinatorType: GROUP });
    return false;
  } catch (error) {
    return brokerErrorType(error) === 'GROUP_AUTHORIZATION_FAILED';
  }
}

/** A coordinator of a group, and not of a transaction. */
const GROUP = 0;

const NONE: AllowedOperations = new Set();

const toOperations = (bits: number): AllowedOperations =>
  new Set(
    (Object.keys(BITS) as KafkaOperation[]).filter((operation) => (bits & (1 << BITS[operation])) !== 0),
  );

async function readTopic(broker: KafkajsBroker, topic: string): Promise<AllowedOperations> {
  const response = await ask(broker, METADATA, (request) =>
    request
      .writeInt32(1)
      .writeString(topic)
      .writeBoolean(false) // create the topic
      .writeBoolean(false) // the operations on the cluster
      .writeBoolean(true),
  );
  if (response === undefined) return 'unknown';
  response.readInt32(); // throttle time
  response.readArray((node) => [node.readInt32(), node.readString(), node.readInt32(), node.readString()]);
  response.readString(); // cluster id
  response.readInt32(); // controller id
  const [found] = response.readArray((entry) => {
    const error = entry.readInt16();
    entry.readString();
    entry.readBoolean(); // internal
    entry.readArray((partition) => {
      partition.readInt16();
      for (let field = 0; field < 3; field += 1) partition.readInt32(); // index, leader, leader epoch
      for (let list = 0; list < 3; list += 1) partition.readArray((replica) => replica.readInt32());
    });
    return { error, operations: entry.readInt32() };
  });
  if (found?.error === TOPIC_AUTHORIZATION_FAILED) return NONE;
  // For example LEADER_NOT_AVAILABLE, which says nothing about rights.
  if (found === undefined || found.error !== NO_ERROR) return 'unknown';
  return toOperations(found.operations);
}

async function readGroup(broker: KafkajsBroker, group: string): Promise<AllowedOperations> {
  const response = await ask(broker, DESCRIBE_GROUPS, (request) =>
    request.writeInt32(1).writeString(group).writeBoolean(true),
  );
  if (response === undefined) return 'unknown';
  response.readInt32(); // throttle time
  const [found] = response.readArray((entry) => {
    const error = entry.readInt16();
    for (let field = 0; field < 4; field += 1) entry.readString(); // id, state, protocol type, protocol
    entry.readArray((member) => {
      for (let field = 0; field < 3; field += 1) member.readString(); // member id, client id, host
      for (let field = 0; field < 2; field += 1) member.readBytes(); // metadata, assignment
    });
    return { error, operations: entry.readInt32() };
  });
  if (found?.error === GROUP_AUTHORIZATION_FAILED) return NONE;
  if (found === undefined || found.error !== NO_ERROR) return 'unknown';
  return toOperations(found.operations);
}

/** @returns undefined if the broker does not know this version of the request */
async function ask(
  broker: KafkajsBroker,
  api: typeof METADATA,
  write: (request: InstanceType<ReturnType<typeof loadKafkajsModules>['Encoder']>) => unknown,
): Promise<KafkajsDecoder | undefined> {
  if ((broker.versions?.[api.apiKey]?.maxVersion ?? 0) < api.apiVersion) return undefined;
  const { Encoder, Decoder } = loadKafkajsModules();
  const encode = async () => {
    const request = new Encoder();
    write(request);
    return request;
  };
  const decode = async (bytes: Buffer) => new Decoder(bytes);
  const send = {
    request: { ...api, encode },
    response: { decode, parse: async (decoded: KafkajsDecoder) => decoded },
  };
  return broker.connectionPool.send(send) as Promise<KafkajsDecoder>;
}
