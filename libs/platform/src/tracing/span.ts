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
  readonly 'db.system.name'?: 'eventstoredb' | 'postgresql';
  /** The first word of a statement of SQL. Never its text. */
  readonly 'db.operation.name'?: string;
  readonly 'http.request.method'?: string;
  /** The template of a route. Never the path, which may have the token of a link. */
  readonly 'http.route'?: string;
  readonly 'http.response.status_code'?: number;
  /** Of an e-mail: its kind, the outcome of its delivery, and the number of the attempt. */
  readonly 'email.kind'?: string;
  readonly 'email.outcome'?: string;
  readonly 'email.attempt'?: number;
  /** The class of an error, without its message, which may quote personal data. */
  readonly 'error.type'?: string;
}

export type SpanRole = 'consumer' | 'producer' | 'client' | 'server';

/** One span of a trace. `traceparent` is passed to the next process, which starts its span as a child. */
export interface Span {
  readonly traceparent: string;
  readonly hasEnded: boolean;
  setAttributes(attributes: SpanAttributes): void;
  /** Marks the work as failed, with the class or code of the failure. */
  fail(errorType: string): void;
  /** @param error set if the work failed */
  end(error?: unknown): void;
}

const OTEL_KINDS: Readonly<Record<SpanRole, SpanKind>> = {
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
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
 * @param links the `traceparent` of other spans whose work this is as well
 */
export function startSpan(
  name: string,
  role: SpanRole,
  parent: string | undefined,
  attributes: SpanAttributes,
  links: readonly string[] = [],
): Span | undefined {
  if (tracer === undefined) return undefined;
  const parentContext = parseTraceparent(parent);
  const context =
    parentContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parentContext);
  const options = {
    kind: OTEL_KINDS[role],
    attributes: { ...attributes },
    links: links.map(parseTraceparent).flatMap((linked) => (linked === undefined ? [] : { context: linked })),
  };
  return new StartedSpan(tracer.startSpan(name, options, context));
}

class StartedSpan implements Span {
  readonly traceparent: string;
  hasEnded = false;

  constructor(private readonly span: OtelSpan) {
    this.traceparent = formatTraceparent(span.spanContext());
  }

  setAttributes(attributes: SpanAttributes): void {
    this.span.setAttributes({ ...attributes });
  }

  fail(errorType: string): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.setAttribute('error.type', errorType);
  }

  end(error?: unknown): void {
    if (error !== undefined) this.fail(error instanceof Error ? error.constructor.name : typeof error);
    this.hasEnded = true;
    this.span.end();
  }
}

/** Runs the work that the spans describe, and ends them with its result. Log lines that it writes name the traces. */
export async function withSpans<T>(spans: Iterable<Span | undefined>, work: () => Promise<T>): Promise<T> {
  const started = [...spans].filter((span) => span !== undefined);
  if (started.length === 0) return work();
  try {
    const result = await runInSpans(started, work);
    for (const span of started) span.end();
    return result;
  } catch (error) {
    for (const span of started) span.end(error);
    throw error;
  }
}

interface RunningWork {
  readonly spans: readonly Span[];
  /** Whether its statements of SQL are spans, too. */
  readonly showsStatements: boolean;
}

const running = new AsyncLocalStorage<RunningWork>();

/**
 * Runs work whose spans end later. Until they end, its log lines name their traces, and its statements of SQL are spans below them.
 * @param showsStatements false for work whose statements would tell what a member did in silence (D1)
 */
export const runInSpans = <T>(spans: readonly Span[], work: () => T, showsStatements = true): T =>
  running.run({ spans, showsStatements }, work);

/** Runs work that is done for others than the caller as well, such as a group commit: it belongs to none of the caller's spans. */
export const runOutsideSpans = <T>(work: () => T): T => runInSpans([], work);

/** A batch has more spans than a log line or a link of a span can name. */
const MAX_TRACES = 20;

/** @returns the `traceparent` of the running work; of a batch, one for each of its first traces */
export function currentTraceparents(): readonly string[] {
  const byTrace = new Map<string, string>();
  for (const { traceparent, hasEnded } of running.getStore()?.spans ?? []) {
    if (hasEnded) continue;
    if (byTrace.size === MAX_TRACES) break;
    const traceId = traceIdOf(traceparent);
    if (!byTrace.has(traceId)) byTrace.set(traceId, traceparent);
  }
  return [...byTrace.values()];
}

/** @returns the spans above a statement of the running work; none if its statements are no spans */
export const parentsOfStatements = (): readonly string[] =>
  running.getStore()?.showsStatements === true ? currentTraceparents() : [];

/** @returns the ids of the traces of the running work, for its log lines */
export const currentTraceIds = (): readonly string[] => currentTraceparents().map(traceIdOf);

const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

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
