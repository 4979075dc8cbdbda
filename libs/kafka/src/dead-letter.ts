import type { ConsumedMessage, MessageOffset, UndecodableBatch, ProducerMessage } from './message.js';
import { measureBatch } from './protocol/record-batch-encoder.js';

/**
 * Kafka's default limit of a batch (`message.max.bytes`). The limit of a dead-letter topic is 1 MiB higher, so that there
 * is room for the headers of a dead letter. A message can exceed this limit only within a compressed batch.
 */
const MAX_MESSAGE_BYTES = 1_048_588;

const PREFIX = 'dead-letter-';
/** Headers that a dead letter adds. A message that already has one of these names loses it. */
const HEADER_NAMES = new Set(
  ['topic', 'partition', 'offset', 'last-offset', 'reason', 'at'].map((name) => PREFIX + name),
);
const LAST_OFFSET = `${PREFIX}last-offset`;

/**
 * The dead letter of a message that cannot be handled: its key, value and headers byte for byte, and headers with its
 * original topic, partition and offset, the reason and the time. A message that is too large for the dead-letter topic is
 * represented by these headers alone: a broker would reject the letter, and the message would block its partition.
 * @param reason names fields, never values
 */
export function toDeadLetter(
  message: ConsumedMessage,
  topic: string,
  reason: string,
  at: Date,
): ProducerMessage {
  const bytes = measureMessage(message);
  if (bytes > MAX_MESSAGE_BYTES) return toDeadLetterWithoutContent(message, topic, reason, at, bytes);
  const letterHeaders = toLetterHeaders(message, reason, at);
  const { key, value, recordHeaders, headers } = message;
  if (recordHeaders === undefined) return { topic, key, value, headers: { ...headers, ...letterHeaders } };
  const kept = recordHeaders.filter((name) => !HEADER_NAMES.has(name));
  return { topic, key, value, recordHeaders: kept, headers: letterHeaders };
}

/** The dead letter of a message that is too large for the dead-letter topic. */
export function toDeadLetterWithoutContent(
  message: ConsumedMessage,
  topic: string,
  reason: string,
  at: Date,
  bytes: number = measureMessage(message),
): ProducerMessage {
  const withSize = `${reason}; not kept: with headers it has ${bytes} bytes`;
  return { topic, key: null, value: null, headers: toLetterHeaders(message, withSize, at) };
}

/** The one dead letter for all records of a batch that cannot be decoded. It contains their offsets and the reason. */
export function toDeadLetterOfBatch(batch: UndecodableBatch, topic: string, at: Date): ProducerMessage {
  const { firstOffset: offset, lastOffset, reason } = batch;
  const headers = {
    ...toLetterHeaders({ ...batch, offset }, `the batch cannot be decoded: ${reason}`, at),
    [LAST_OFFSET]: lastOffset,
  };
  return { topic, key: null, value: null, headers };
}

/** The size of the message in a batch of its own, not compressed, in bytes. */
const measureMessage = ({ key, value, headers, recordHeaders }: ConsumedMessage): number =>
  measureBatch({ key, value, ...(recordHeaders === undefined ? { headers } : { recordHeaders }) });

const toLetterHeaders = ({ topic, partition, offset }: MessageOffset, reason: string, at: Date) => ({
  [`${PREFIX}topic`]: topic,
  [`${PREFIX}partition`]: String(partition),
  [`${PREFIX}offset`]: offset,
  [`${PREFIX}reason`]: reason,
  [`${PREFIX}at`]: at.toISOString(),
});

/** Where the message of a dead letter was consumed. */
export interface DeadLetterOrigin extends MessageOffset {
  /** Set for a batch that cannot be decoded; `offset` is its first offset. */
  readonly lastOffset?: string;
}

/** @returns undefined when the message is not a dead letter */
export function readDeadLetterOrigin(letter: ConsumedMessage): DeadLetterOrigin | undefined {
  const [topic, partition, offset] = ['topic', 'partition', 'offset'].map((name) =>
    letter.header(PREFIX + name),
  );
  if (!topic || !/^\d{1,9}$/.test(partition ?? '') || !isOffset(offset)) return undefined;
  const lastOffset = letter.header(LAST_OFFSET);
  return {
    topic,
    partition: Number(partition),
    offset,
    ...(isOffset(lastOffset) ? { lastOffset } : {}),
  };
}

const isOffset = (text: string | undefined): text is string => /^\d{1,19}$/.test(text ?? '');

/** Whether a dead letter only points to its message, which was too large to be copied. */
export function isDeadLetterWithoutContent(letter: ConsumedMessage): boolean {
  const isEmpty = letter.key === null && letter.value === null;
  return isEmpty && (letter.header(`${PREFIX}reason`)?.includes('; not kept: ') ?? false);
}
