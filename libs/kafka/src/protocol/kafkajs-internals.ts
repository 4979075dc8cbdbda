import { createRequire } from 'node:module';
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
export interface Exchange {
  readonly request: { readonly apiVersion: number; readonly encode: () => Promise<KafkajsEncoder> };
  readonly response: {
    readonly decode: (bytes: Buffer) => Promise<unknown>;
    readonly parse: (decoded: unknown) => Promise<unknown>;
  };
}

/** A module of `kafkajs/src/protocol/requests`. kafkajs calls `protocol` with the version that a broker supports. */
export interface RequestDefinition<Arguments> {
  readonly versions: readonly string[];
  protocol: (which: { readonly version: number }) => (args: Arguments) => Exchange;
}

export interface KafkajsEncoder {
  writeString(text: string | null | undefined): KafkajsEncoder;
  writeInt16(value: number): KafkajsEncoder;
  writeInt32(value: number): KafkajsEncoder;
  writeBytes(bytes: Buffer): KafkajsEncoder;
  readonly buffer: Buffer;
}

/** Loads the private modules of kafkajs that kafkajs-wire-format.ts replaces or uses. */
export const loadKafkajsModules = () => ({
  fetch: require('kafkajs/src/protocol/requests/fetch') as RequestDefinition<FetchArguments>,
  produce: require('kafkajs/src/protocol/requests/produce') as RequestDefinition<ProduceArguments>,
  Encoder: require('kafkajs/src/protocol/encoder') as new () => KafkajsEncoder,
});
