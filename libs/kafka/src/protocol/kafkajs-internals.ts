import { createRequire } from 'node:module';
import type { AuthenticationProviderArgs, Authenticator, Kafka } from 'kafkajs';
import type { MessageToEncode } from './record-batch-encoder.js';

/*
 * Everything that this library uses of kafkajs 2.2.4 beyond its public API: private modules, the shape of its requests, and
 * texts that it does not promise to keep. kafkajs-internals.spec.ts fails when one of them changes.
 */

const require = createRequire(import.meta.url);

/** The version that the rest of this file describes. */
export const KAFKAJS_VERSION = '2.2.4';

/** `name` of the error with which kafkajs reports a broker's error code. */
export const PROTOCOL_ERROR_NAME = 'KafkaJSProtocolError';

/** An error with PROTOCOL_ERROR_NAME. `type` is Kafka's name of the error code. */
export interface ProtocolError extends Error {
  readonly type: string;
}

/** The warning that kafkajs logs whenever a member joins or leaves the group. */
export const REBALANCING_MESSAGE = 'The group is rebalancing, re-joining';

export interface FetchArguments {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

export interface ProduceArguments {
  readonly acks: number;
  readonly timeout: number;
  readonly compression?: number;
  readonly transactionalId?: string | null;
  readonly producerId?: unknown;
  readonly topicData: readonly {
    readonly topic: string;
    /** The partition may be a string: kafkajs reads the numbers from the keys of an object. */
    readonly partitions: readonly {
      readonly partition: number | string;
      readonly messages: readonly MessageToEncode[];
    }[];
  }[];
}

/** The encoder of one request and the decoder of its response. */
interface Exchange {
  readonly request: { readonly apiVersion: number; readonly encode: () => Promise<KafkajsEncoder> };
  readonly response: {
    readonly decode: (bytes: Buffer) => Promise<unknown>;
    readonly parse: (decoded: unknown) => Promise<unknown>;
  };
}

/** A module of `kafkajs/src/protocol/requests`. kafkajs calls `protocol` with the version that a broker supports. */
interface RequestDefinition<Arguments> {
  readonly versions: readonly string[];
  protocol: (which: { readonly version: number }) => (args: Arguments) => Exchange;
}

export interface KafkajsEncoder {
  writeString(text: string | null | undefined): KafkajsEncoder;
  writeInt16(value: number): KafkajsEncoder;
  writeInt32(value: number): KafkajsEncoder;
  writeBytes(bytes: Buffer): KafkajsEncoder;
  writeBoolean(value: boolean): KafkajsEncoder;
  readonly buffer: Buffer;
}

export interface KafkajsDecoder {
  readInt16(): number;
  readInt32(): number;
  readBoolean(): boolean;
  readString(): string | null;
  readBytes(): Buffer | null;
  readArray<T>(read: (decoder: KafkajsDecoder) => T): T[];
}

export interface KafkajsBroker {
  /** The versions of requests that the broker knows, by the number of the request. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly connectionPool: { send(exchange: object): Promise<unknown> };
  findGroupCoordinator(of: { readonly groupId: string; readonly coordinatorType: number }): Promise<unknown>;
}

/** The connections of one client to all brokers. */
interface KafkajsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findGroupCoordinator(group: { readonly groupId: string }): Promise<KafkajsBroker>;
  readonly brokerPool: { findConnectedBroker(): Promise<KafkajsBroker> };
}

/** Opens connections like those of the clients that `kafka` creates, for requests that no client offers. */
export function openCluster(kafka: Kafka): KafkajsCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (symbol === undefined) throw new Error('kafkajs creates its connections in another way');
  const create = Reflect.get(kafka, symbol) as (options: object) => KafkajsCluster;
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false });
}

/** Loads the private modules of kafkajs that kafkajs-wire-format.ts replaces or uses. */
export const loadKafkajsModules = () => ({
  fetch: require('kafkajs/src/protocol/requests/fetch') as RequestDefinition<FetchArguments>,
  produce: require('kafkajs/src/protocol/requests/produce') as RequestDefinition<ProduceArguments>,
  Encoder: require('kafkajs/src/protocol/encoder') as new () => KafkajsEncoder,
  Decoder: require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => KafkajsDecoder,
});

interface Credentials {
  readonly username: string;
  readonly password: string;
}
type PasswordLogin = (credentials: Credentials) => (connection: AuthenticationProviderArgs) => Authenticator;

/** The membership of a consumer in its group. */
export interface KafkajsConsumerGroup {
  /** When it sent its last heartbeat, by the system clock. The next one follows an interval later. */
  lastRequest: number;
  heartbeat: (this: KafkajsConsumerGroup, options: { readonly interval: number }) => Promise<void>;
}

/** Loads the class of memberships, whose heartbeats heartbeat-clock.ts corrects. */
export const loadKafkajsConsumerGroup = () =>
  require('kafkajs/src/consumer/consumerGroup') as { readonly prototype: KafkajsConsumerGroup };

/** Loads how kafkajs logs in with each mechanism. Its own client would keep the password that it was created with. */
export const loadKafkajsLogins = () => ({
  plain: require('kafkajs/src/broker/saslAuthenticator/plain') as PasswordLogin,
  'scram-sha-256': require('kafkajs/src/broker/saslAuthenticator/scram256') as PasswordLogin,
  'scram-sha-512': require('kafkajs/src/broker/saslAuthenticator/scram512') as PasswordLogin,
  bearerRequest: (
    require('kafkajs/src/protocol/sasl/oauthBearer') as {
      request: (
        options: object,
        token: { readonly value: string; readonly extensions?: Readonly<Record<string, string>> },
      ) => Promise<{ encode: () => Promise<Buffer> }>;
    }
  ).request,
});

/**
 * Kafka's name of the error that a broker responded with, such as `NOT_LEADER_FOR_PARTITION`; undefined when no broker
 * responded. kafkajs wraps the error that it gave up on, so the causes are searched.
 */
export function brokerErrorType(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current.name === PROTOCOL_ERROR_NAME) return (current as ProtocolError).type;
  }
  return undefined;
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** Whether a broker rejected a request because a batch exceeds the size limit of its topic or of the broker. */
export const isMessageTooLarge = (error: unknown): boolean => TOO_LARGE.has(brokerErrorType(error) ?? '');
