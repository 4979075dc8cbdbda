import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyInstance } from 'fastify';
import { Gauge, Histogram, Registry } from 'prom-client';

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  /** Returns the metrics for Prometheus. Do not expose this route publicly. */
  @Get()
  @ApiOperation({ summary: 'Metrics for Prometheus.' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.registry.contentType);
    return this.registry.metrics();
  }
}

/**
 * The label of a route: its template, without the action on an invitation and the list that it is in. Everybody who reaches
 * `/metrics` reads it, and nobody may count declines or ignores (R20, R29, R30): only the archive has what may be declined.
 * @param template undefined if the request matched no route; its path could hold anything
 */
export function routeLabel(template: string | undefined): string {
  if (template === undefined || template.includes('*')) return 'none';
  return template
    .replace(/^\/(inbox|archive|sent)\/:id\/.+$/, '/:list/:id/:action')
    .replace(/\/:id\/[^/]+$/, '/:id/:action');
}

/** Measures the number, status and duration of requests. */
export function measureRequests(server: FastifyInstance, metrics: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that are being answered',
    registers: [metrics],
  });
  server.addHook('onRequest', (_request, _reply, done) => {
    inFlight.inc();
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    inFlight.dec();
    const route = routeLabel(request.routeOptions.url);
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}
