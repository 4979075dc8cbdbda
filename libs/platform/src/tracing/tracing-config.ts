import { Transform } from 'class-transformer';
import { IsNumber, IsOptional, IsUrl, Max, Min } from 'class-validator';

/** What every app's environment may say about traces. The names are OpenTelemetry's own. */
export class TracingConfig {
  /** An OTLP/HTTP collector, to which spans are sent as JSON below `/v1/traces`. Unset, there are no traces. */
  @IsOptional()
  @IsUrl(
    { require_tld: false, protocols: ['http', 'https'], require_protocol: true },
    { message: '$property must be an http or https URL' },
  )
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  /** Of the traces that begin here, the share that is kept: 0 to 1. One that another service began is its decision. */
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsNumber()
  @Min(0)
  @Max(1)
  OTEL_TRACES_SAMPLER_ARG = 1;
}
