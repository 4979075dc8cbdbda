import type { Message } from 'kafkajs';
import { isTracing, startSpan, type Span, type SpanAttributes } from '#libs/platform';
import type { RecordHeaders } from './protocol/record.js';

/**
 * The header of W3C Trace Context. `tracestate` is not sent with it: it holds free text of other services, which must not
 * reach every consumer of our messages.
 */
export const TRACEPARENT_HEADER = 'traceparent';

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
export interface TraceContext {
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
