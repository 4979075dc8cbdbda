import type { IHeaders, KafkaMessage } from 'kafkajs';

/** A consumed message and its place. */
export interface Incoming {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** When it was published, by the publisher's clock or the broker's as the topic is set up; in milliseconds. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  /** The first value of a header as text. */
  header(name: string): string | undefined;
}

const EMPTY = Buffer.alloc(0);

/** A header without a value has an empty one here: kafkajs reads such headers, but sends no message that has one. */
export function incoming(topic: string, partition: number, message: KafkaMessage): Incoming {
  const headers = message.headers ?? {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    headers[name] = Array.isArray(value) ? value.map((one) => one ?? EMPTY) : (value ?? EMPTY);
  }
  return {
    topic,
    partition,
    offset: message.offset,
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers,
    header(name) {
      const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
      return (Array.isArray(value) ? value[0] : value)?.toString();
    },
  };
}
