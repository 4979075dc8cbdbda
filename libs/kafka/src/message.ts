import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { isTracing, startSpan, type Span, type SpanAttributes } from '#libs/platform';
import { FetchedRecord, type RecordHeaders } from './protocol/record.js';

/** Identifies a message by where its topic has it. */
export interface MessageOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** A message that was read from a topic. */
export interface ConsumedMessage extends MessageOffset {
  /** Milliseconds since 1970, set by the publisher or by the broker, depending on `message.timestamp.type` of the topic. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Headers by name, in an object without a prototype. A header without a value is an empty buffer here. */
  readonly headers: IHeaders;
  /** The headers byte for byte and in their order, for code that publishes the message again. */
  readonly recordHeaders?: RecordHeaders;
  /** The first value of a header as text. */
  header(name: string): string | undefined;
}

/** A record batch that a broker has stored and that cannot be decoded. The consumer skips it as a whole. */
export interface UndecodableBatch {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: string;
  readonly lastOffset: string;
  /** The maximum timestamp in the batch's header, in milliseconds since 1970. */
  readonly timestamp: number;
  /** What is wrong with the batch. Contains no data of its records. */
  readonly reason: string;
}

export function toConsumedMessage(topic: string, partition: number, message: KafkaMessage): ConsumedMessage {
  return new LazyConsumedMessage(topic, partition, message);
}

/** Decodes the headers when the first of them is read. */
class LazyConsumedMessage implements ConsumedMessage {
  readonly offset: string;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly recordHeaders?: RecordHeaders;
  private decoded: IHeaders | undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly message: KafkaMessage,
  ) {
    this.offset = message.offset;
    this.timestamp = Number(message.timestamp);
    this.key = message.key;
    this.value = message.value;
    const record = toFetchedRecord(message);
    if (record !== undefined) this.recordHeaders = record.recordHeaders;
  }

  get headers(): IHeaders {
    return (this.decoded ??= this.message.headers ?? (Object.create(null) as IHeaders));
  }

  header(name: string): string | undefined {
    const { headers } = this;
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return (Array.isArray(value) ? value[0] : value)?.toString();
  }
}

/** The undecodable batch that a consumed record stands for; undefined for an ordinary message. */
export function toUndecodableBatch(
  topic: string,
  partition: number,
  message: KafkaMessage,
): UndecodableBatch | undefined {
  const record = toFetchedRecord(message);
  if (record?.undecodable === undefined) return undefined;
  const { firstOffset, reason } = record.undecodable;
  return {
    topic,
    partition,
    firstOffset,
    lastOffset: record.offset,
    timestamp: Number(record.timestamp),
    reason,
  };
}

/** kafkajs delivers only FetchedRecords (see protocol/kafkajs-wire-format.ts). Specs also build plain messages. */
const toFetchedRecord = (message: object): FetchedRecord | undefined =>
  message instanceof FetchedRecord ? message : undefined;

/** The `traceparent` of the publisher's span, from OpenTelemetry's header or from the CloudEvents extension. */
export const readTraceparent = (message: Pick<ConsumedMessage, 'header'>): string | undefined =>
  message.header(TRACEPARENT_HEADER) ?? message.header(`ce_${TRACEPARENT_HEADER}`);

/**
 * The header of W3C Trace Context. `tracestate` is not sent with it: it holds free text of other services, which must not
 * reach every consumer of our messages.
 */
const TRACEPARENT_HEADER = 'traceparent';

/** A message to publish. */
export interface ProducerMessage {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Message['headers'];
  /** Headers that are copied byte for byte from a consumed message. `headers` are written after them. */
  readonly recordHeaders?: RecordHeaders;
  /** Set for a message that belongs to a trace. A message without it is published without a trace context (D1). */
  readonly trace?: TraceContext;
}

/** The trace that a message belongs to. */
interface TraceContext {
  /** The `traceparent` of the parent span. Without it the message starts a new trace. */
  readonly parent?: string | undefined;
  readonly attributes: SpanAttributes;
}

/**
 * Starts a span for each message with a trace context and writes its `traceparent` into the message's headers. Does
 * nothing while tracing is off.
 */
export function startSendSpans(messages: readonly ProducerMessage[]): {
  readonly spans: readonly (Span | undefined)[];
  readonly traced: readonly ProducerMessage[];
} {
  if (!isTracing()) return { spans: [], traced: messages };
  const spans = messages.map(
    ({ topic, trace }) =>
      trace &&
      startSpan(`send ${topic}`, 'producer', trace.parent, {
        'messaging.system': 'kafka',
        'messaging.destination.name': topic,
        ...trace.attributes,
      }),
  );
  const traced = messages.map((message, index) => {
    const traceparent = spans[index]?.traceparent;
    if (traceparent === undefined) return message;
    return { ...message, headers: { ...message.headers, [TRACEPARENT_HEADER]: traceparent } };
  });
  return { spans, traced };
}
