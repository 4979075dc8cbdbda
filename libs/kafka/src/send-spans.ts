import { isTracing, startSpan, type Span } from '#libs/platform';
import type { Outgoing } from './outgoing.js';
import { TRACEPARENT } from './trace-header.js';

/** A step for each message that is one, with its context in the message's header; nothing where no traces are kept. */
export function sendSpans(messages: readonly Outgoing[]): {
  readonly spans: readonly (Span | undefined)[];
  readonly traced: readonly Outgoing[];
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
    return { ...message, headers: { ...message.headers, [TRACEPARENT]: traceparent } };
  });
  return { spans, traced };
}
