import { diag, DiagLogLevel, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.js';
import type { TracingConfig } from './tracing-config.js';

/** The SDK: batches in the background, dropped where a collector does not keep up. Address and headers it reads itself. */
export function exportSpans(
  app: string,
  { OTEL_TRACES_SAMPLER_ARG: share }: TracingConfig,
  logger: Logger,
): { readonly tracer: Tracer; readonly flush: () => Promise<void> } {
  const warn = (message: string) =>
    logger.warn({ reason: message.slice(0, 200) }, 'traces: the exporter has trouble');
  const silent = () => undefined;
  diag.setLogger(
    { error: warn, warn, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': app,
      'service.namespace': 'invitations',
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ timeoutMillis: 5_000 }),
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  return { tracer: provider.getTracer('invitations'), flush: () => provider.shutdown() };
}
