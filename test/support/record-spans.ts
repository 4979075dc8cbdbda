import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { formatTraceparent, setTracer } from '../../libs/platform/src/tracing/span.js';

/** A span that has ended. `parent` and `links` are the values of `traceparent` that it was given. */
export interface RecordedSpan {
  readonly name: string;
  readonly traceparent: string;
  readonly parentSpanId: string | undefined;
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly hasFailed: boolean;
}

/** Turns tracing on in this process until `stop`, and keeps the spans. */
export function recordSpans() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  setTracer(provider.getTracer('test'));
  return {
    /** In the order in which they ended. */
    spans: (): RecordedSpan[] =>
      exporter.getFinishedSpans().map((span) => ({
        name: span.name,
        traceparent: formatTraceparent(span.spanContext()),
        parentSpanId: span.parentSpanContext?.spanId,
        links: span.links.map(({ context }) => formatTraceparent(context)),
        attributes: span.attributes,
        hasFailed: span.status.code === SpanStatusCode.ERROR,
      })),
    clear: () => exporter.reset(),
    async stop(): Promise<void> {
      setTracer(undefined);
      await provider.shutdown();
    },
  };
}

export const spanIdOf = (traceparent: string): string => traceparent.split('-')[2]!;
