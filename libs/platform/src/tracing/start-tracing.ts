import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../config.js';
import type { Logger } from '../logger.js';
import { traceWith } from './span.js';
import { TracingConfig } from './tracing-config.js';

/** A collector that is gone is no reason to end late. In milliseconds. */
const FLUSH_MS = 2_000;

/**
 * Makes the process's spans go to the collector that the environment names. Without one, nothing of OpenTelemetry's SDK
 * is even loaded.
 * @returns what sends the last spans
 * @throws ConfigError
 */
export async function startTracing(app: string, logger: Logger): Promise<() => Promise<void>> {
  const config = loadConfig(TracingConfig);
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return async () => undefined;
  const { exportSpans } = await import('./export-spans.js');
  const { tracer, flush } = exportSpans(app, config, logger);
  traceWith(tracer);
  return async () => {
    traceWith(undefined);
    await Promise.race([flush(), sleep(FLUSH_MS)]).catch((error: unknown) =>
      logger.warn({ err: error }, 'the last spans could not be sent'),
    );
  };
}
