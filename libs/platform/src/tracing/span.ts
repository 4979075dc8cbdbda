import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span as OtelSpan,
  type Tracer,
} from '@opentelemetry/api';
import { contextIn, traceparentOf } from './traceparent.js';

/**
 * All that a span may say: ids, codes and numbers. A list, so that no address and no text gets there by the way, and
 * without the type of a command: other services may read the same collector, and an ignore, a decline and a withdrawal
 * are nobody's to see (D1).
 */
export interface SpanAttributes {
  readonly 'invitations.command_id'?: string;
  readonly 'invitations.correlation_id'?: string;
  readonly 'invitations.event_id'?: string;
  readonly 'invitations.outcome'?: string;
  readonly 'messaging.destination.name'?: string;
  readonly 'messaging.system'?: 'kafka';
  readonly 'db.system.name'?: 'eventstoredb';
  /** Of an e-mail: what it is for, how its delivery ended, and which attempt it was. */
  readonly 'email.kind'?: string;
  readonly 'email.outcome'?: string;
  readonly 'email.attempt'?: number;
  /** The class of an error. Its message may quote anything. */
  readonly 'error.type'?: string;
}

export type SpanRole = 'consumer' | 'producer' | 'client';

/** A step on an invitation's way. Where it goes on in another process, it does so by the text in `traceparent`. */
export interface Span {
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** @param error what the step failed with, if it did */
  end(error?: unknown): void;
}

const KINDS: Readonly<Record<SpanRole, SpanKind>> = {
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
};

let tracer: Tracer | undefined;

/** Given a tracer, spans are made from now on; given none, no longer. */
export function traceWith(given: Tracer | undefined): void {
  tracer = given;
}

/** Whether anybody keeps spans. What is only done for them need not be done otherwise. */
export const isTracing = (): boolean => tracer !== undefined;

/**
 * Begins a step; undefined where nobody keeps traces, at the cost of a comparison.
 * @param parent the `traceparent` of the step before; without one, or with one that is none, a trace begins
 */
export function startSpan(
  name: string,
  role: SpanRole,
  parent: string | undefined,
  attributes: SpanAttributes,
): Span | undefined {
  if (tracer === undefined) return undefined;
  const before = contextIn(parent);
  const context = before === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, before);
  return spanOn(tracer.startSpan(name, { kind: KINDS[role], attributes: { ...attributes } }, context));
}

const spanOn = (span: OtelSpan): Span => ({
  traceparent: traceparentOf(span.spanContext()),
  set: (attributes) => void span.setAttributes({ ...attributes }),
  end(error) {
    if (error !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', error instanceof Error ? error.constructor.name : typeof error);
    }
    span.end();
  },
});

/** Ends steps that were taken together, with the work that they stand for. */
export async function endWith<T>(spans: Iterable<Span | undefined>, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    for (const span of spans) span?.end();
    return result;
  } catch (error) {
    for (const span of spans) span?.end(error);
    throw error;
  }
}
