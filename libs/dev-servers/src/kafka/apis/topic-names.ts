import { ErrorCode } from '../protocol/error-codes.js';

const LONGEST_NAME = 249;

export function isTopicName(name: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(name) && name.length <= LONGEST_NAME && name !== '.' && name !== '..';
}

export function missingTopicError(name: string): ErrorCode {
  return isTopicName(name) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC;
}

/** Kafka's metrics write a dot as an underscore, so it takes no two names that differ in these alone. */
export function collide(a: string, b: string): boolean {
  return a.replaceAll('.', '_') === b.replaceAll('.', '_');
}
