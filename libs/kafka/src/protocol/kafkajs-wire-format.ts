import { decodeFetchResponse, FETCH_VERSIONS, type FetchResponse } from './fetch-response-decoder.js';
import {
  loadKafkajsModules,
  type FetchArguments,
  type KafkajsEncoder,
  type ProduceArguments,
} from './kafkajs-internals.js';
import { encodeBatch } from './record-batch-encoder.js';

const NO_PRODUCER_ID = -1;
/** The first version of Produce whose batches have format 2. */
const FIRST_VERSION_OF_FORMAT_2 = 3;

/** The function that `installWireFormat` has put in place. */
let installed: ReturnType<typeof loadKafkajsModules>['fetch']['protocol'] | undefined;

/**
 * Replaces how kafkajs decodes records in Fetch responses and encodes them in Produce requests, for all clients of the
 * process. The README of this folder says why. Everything else of kafkajs stays as it is.
 */
export function installWireFormat(): void {
  const { fetch, produce, Encoder } = loadKafkajsModules();
  if (fetch.protocol === installed) return;

  const originalFetch = fetch.protocol;
  fetch.protocol = ({ version }) => {
    if (version < FETCH_VERSIONS.lowest || version > FETCH_VERSIONS.highest) {
      throw new Error(`version ${version} of Fetch is not supported: the brokers are older than Kafka 0.11`);
    }
    const createExchange = originalFetch({ version });
    return (args) => {
      const { response, ...exchange } = createExchange(args);
      const decode = (bytes: Buffer): Promise<FetchResponse> =>
        decodeFetchResponse(version, bytes, fetchOffsetFinder(args));
      return { ...exchange, response: { ...response, decode } };
    };
  };
  installed = fetch.protocol;

  const originalProduce = produce.protocol;
  produce.protocol = ({ version }) => {
    const createExchange = originalProduce({ version });
    return (args) => {
      const exchange = createExchange(args);
      if (version < FIRST_VERSION_OF_FORMAT_2 || !isPlain(args)) return exchange;
      return {
        ...exchange,
        request: { ...exchange.request, encode: async () => encodeRequest(new Encoder(), args) },
      };
    };
  };
}

function fetchOffsetFinder({ topics }: FetchArguments) {
  return (topic: string, partition: number): bigint => {
    const partitions = topics.filter((one) => one.topic === topic).flatMap((one) => one.partitions);
    const requested = partitions.find((one) => one.partition === partition);
    if (requested === undefined) {
      throw new Error(`a fetch response contains ${topic}/${partition}, which was not requested`);
    }
    return BigInt(requested.fetchOffset);
  };
}

/** Not compressed, and not of an idempotent or transactional producer. kafkajs encodes all other requests itself. */
const isPlain = ({ compression, transactionalId, producerId }: ProduceArguments) =>
  !compression && !transactionalId && Number(producerId ?? NO_PRODUCER_ID) === NO_PRODUCER_ID;

function encodeRequest(
  encoder: KafkajsEncoder,
  { acks, timeout, topicData }: ProduceArguments,
): KafkajsEncoder {
  const now = Date.now();
  encoder.writeString(null).writeInt16(acks).writeInt32(timeout).writeInt32(topicData.length);
  for (const { topic, partitions } of topicData) {
    encoder.writeString(topic).writeInt32(partitions.length);
    for (const { partition, messages } of partitions) {
      encoder.writeInt32(Number(partition)).writeBytes(encodeBatch(messages, now));
    }
  }
  return encoder;
}
