import { AsyncLocalStorage } from 'node:async_hooks';
import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';

/**
 * The attributes that a span may have: ids, codes and numbers. The list is closed so that no address and no text of a
 * member gets into a trace. It has no type of a command: other services may read the same collector, and must not learn
 * that an invitation was ignored, declined or withdrawn (D1).
 */
export interface SpanAttributes {
  readonly 'invitations.command_id'?: string;
  readonly 'invitations.correlation_id'?: string;
  readonly 'invitations.event_id'?: string;
  readonly 'invitations.outcome'?: string;
  readonly 'messaging.destination.name'?: string;
  readonly 'messaging.system'?: 'kafka';
  readonly 'db.system.name'?: 'eventstoredb';
  /** Of an e-mail: its kind, the outcome of its delivery, and the number of the attempt. */
  readonly 'email.kind'?: string;
  readonly 'email.outcome'?: string;
  readonly 'email.attempt'?: number;
  /** The class of an error, without its message, which may quote personal data. */
  readonly 'error.type'?: string;
}

export type SpanRole = 'consumer' | 'producer' | 'client';

/** One span of a trace. `traceparent` is passed to the next process, which starts its span as a child. */
export interface Span {
  readonly traceparent: string;
  setAttributes(attributes: SpanAttributes): void;
  /** @param error set if the work failed */
  end(error?: unknown): void;
}

const OTEL_KINDS: Readonly<Record<SpanRole, SpanKind>> = {
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
};

let tracer: Tracer | undefined;

/** Turns tracing on, or off if `given` is undefined. */
export function setTracer(given: Tracer | undefined): void {
  tracer = given;
}

/** Whether tracing is on. Code checks it before work that is needed for spans only. */
export const isTracing = (): boolean => tracer !== undefined;

/**
 * Starts a span. Returns undefined while tracing is off.
 * @param parent the `traceparent` of the parent span; if it is missing or invalid, a new trace starts
 */
export function startSpan(
  name: string,
  role: SpanRole,
  parent: string | undefined,
  attributes: SpanAttributes,
): Span | undefined {
  if (tracer === undefined) return undefined;
  const parentContext = parseTraceparent(parent);
  const context =
    parentContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parentContext);
  return wrapSpan(tracer.startSpan(name, { kind: OTEL_KINDS[role], attributes: { ...attributes } }, context));
}

const wrapSpan = (span: OtelSpan): Span => ({
  traceparent: formatTraceparent(span.spanContext()),
  setAttributes: (attributes) => void span.setAttributes({ ...attributes }),
  end(error) {
    if (error !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', error instanceof Error ? error.constructor.name : typeof error);
    }
    span.end();
  },
});

/** Runs the work that the spans describe, and ends them with its result. Log lines that it writes name the traces. */
export async function withSpans<T>(spans: Iterable<Span | undefined>, work: () => Promise<T>): Promise<T> {
  const started = [...spans].filter((span) => span !== undefined);
  if (started.length === 0) return work();
  try {
    const result = await traces.run(traceIdsOf(started), work);
    for (const span of started) span.end();
    return result;
  } catch (error) {
    for (const span of started) span.end(error);
    throw error;
  }
}

/** The ids of the traces whose work is running. */
const traces = new AsyncLocalStorage<readonly string[]>();

/** A log line of a batch would be too long with all of them. */
const MAX_TRACE_IDS = 20;

/** @returns the ids of the traces of the running work, for its log lines; none outside of `withSpans` */
export const currentTraceIds = (): readonly string[] => traces.getStore() ?? [];

const traceIdsOf = (spans: readonly Span[]): string[] =>
  [...new Set(spans.map(({ traceparent }) => traceparent.slice(3, 35)))].slice(0, MAX_TRACE_IDS);

/** W3C Trace Context: version, trace id, span id, flags. Later versions may append fields. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** @returns undefined for an invalid `traceparent`, which the standard requires to be ignored */
export function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`;
}
