import { randomUUID } from 'node:crypto';
import { diag, DiagLogLevel, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.js';
import { readVersion } from '../metrics.js';

/**
 * Sets up OpenTelemetry's SDK, which sends spans in batches in the background and drops them if the collector cannot keep
 * up. It reads the collector's address and headers from the environment itself. This is a module of its own because the SDK
 * is loaded only if tracing is on.
 */
export function exportSpans(
  app: string,
  samplingRatio: number,
  logger: Logger,
): { readonly tracer: Tracer; readonly flush: () => Promise<void> } {
  const warn = (message: string) =>
    logger.warn(
      { reason: message.slice(0, 200) },
      'exporting spans failed, and some may be lost: check the collector at OTEL_EXPORTER_OTLP_ENDPOINT',
    );
  const ignore = () => undefined;
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: resourceOf(app),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(samplingRatio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ timeoutMillis: 5_000 }),
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  return { tracer: provider.getTracer('invitations'), flush: () => provider.shutdown() };
}

/**
 * What the spans say about this process. OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME replace and complete it. Each process is
 * an instance of its own: a pod's name would be the same after a restart.
 */
export const resourceOf = (app: string): Resource =>
  resourceFromAttributes({
    'service.name': app,
    'service.namespace': 'invitations',
    'service.version': readVersion(),
    'service.instance.id': randomUUID(),
  }).merge(detectResources({ detectors: [envDetector] }));
