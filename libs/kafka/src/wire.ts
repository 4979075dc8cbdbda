/*
 * The part of Kafka's wire format that the development broker shares. It loads neither kafkajs nor the platform, which would add
 * 250 ms and 45 MB to every start of the broker.
 */
export { crc32c } from './protocol/record-primitives.js';
