import { setTimeout as sleep } from 'node:timers/promises';
import { Transform } from 'class-transformer';
import { IsNumber, IsOptional, IsString, IsUrl, Max, Min } from 'class-validator';
import { loadConfig } from '../config.js';
import type { Logger } from '../logger.js';
import { readPemFile } from '../setting-files.js';
import { setTracer } from './span.js';

/** The tracing variables of every app. Their names are OpenTelemetry's own. */
export class TracingConfig {
  /** The OTLP/HTTP collector to which spans are sent as JSON, at `/v1/traces`. If it is unset, tracing is off. */
  @IsOptional()
  @IsUrl(
    { require_tld: false, protocols: ['http', 'https'], require_protocol: true },
    { message: '$property must be an http or https URL' },
  )
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  /** The certificates of the authorities that may have signed the collector's certificate; by default those that Node trusts. */
  @IsOptional()
  @IsString()
  OTEL_EXPORTER_OTLP_CERTIFICATE?: string;

  /** This client's certificate and its key, for a collector that asks for one. */
  @IsOptional()
  @IsString()
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE?: string;

  @IsOptional()
  @IsString()
  OTEL_EXPORTER_OTLP_CLIENT_KEY?: string;

  /** Headers of each export, such as `authorization=Bearer%20…`, comma separated and percent-encoded. */
  @IsOptional()
  @IsString()
  OTEL_EXPORTER_OTLP_HEADERS?: string;

  /** The share of traces started here that is sampled, from 0 to 1. For other traces, the service that started them decides. */
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsNumber()
  @Min(0)
  @Max(1)
  OTEL_TRACES_SAMPLER_ARG = 1;
}

/** In milliseconds. An unreachable collector must not delay the exit. */
const FLUSH_TIMEOUT_MS = 2_000;

/**
 * Turns tracing on if the environment names a collector. Otherwise OpenTelemetry's SDK is not even loaded.
 * @returns a function that turns tracing off and sends the remaining spans
 * @throws ConfigError
 */
export async function startTracing(app: string, logger: Logger): Promise<() => Promise<void>> {
  const config = loadConfig(TracingConfig);
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return async () => undefined;
  assertFilesAreReadable(config);
  const { exportSpans } = await import('./export-spans.js');
  const { tracer, flush } = exportSpans(app, config.OTEL_TRACES_SAMPLER_ARG, logger);
  setTracer(tracer);
  return async () => {
    setTracer(undefined);
    await Promise.race([flush(), sleep(FLUSH_TIMEOUT_MS)]).catch((error: unknown) =>
      logger.warn({ err: error }, 'the last spans could not be sent to the collector and are lost'),
    );
  };
}

/** OpenTelemetry's exporter reads these files itself. Without one of them it only warns, and goes on without it. */
function assertFilesAreReadable(config: TracingConfig): void {
  const contents = {
    OTEL_EXPORTER_OTLP_CERTIFICATE: 'CERTIFICATE',
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'CERTIFICATE',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: 'PRIVATE KEY',
  } as const;
  for (const [name, content] of Object.entries(contents)) {
    const path = config[name as keyof typeof contents];
    if (path !== undefined) readPemFile(name, path, content);
  }
}
