import { Partitioners, type ICustomPartitioner } from 'kafkajs';

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * Maps a key to the same partition as Kafka's Java client and kafkajs do (murmur2). kafkajs computes the hash with 64-bit
 * objects, which costs more than everything else that it does with a message. Messages without a key are left to kafkajs.
 */
export const KeyPartitioner: ICustomPartitioner = () => {
  const partitionWithoutKey = Partitioners.DefaultPartitioner();
  return (args) => {
    const { key, partition } = args.message;
    if (key === null || key === undefined || typeof partition === 'number') return partitionWithoutKey(args);
    const bytes = typeof key === 'string' ? Buffer.from(key) : key;
    return (murmur2(bytes) & 0x7fffffff) % args.partitionMetadata.length;
  };
};

/** The same function as org.apache.kafka.common.utils.Utils.murmur2. */
function murmur2(bytes: Buffer): number {
  const whole = bytes.length & ~3;
  let hash = SEED ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const word = Math.imul(bytes.readInt32LE(at), M);
    hash = Math.imul(hash, M) ^ Math.imul(word ^ (word >>> 24), M);
  }
  if (bytes.length > whole) {
    for (let at = whole; at < bytes.length; at += 1) hash ^= bytes[at]! << (8 * (at - whole));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}
