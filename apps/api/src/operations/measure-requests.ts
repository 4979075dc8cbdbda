import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';

/**
 * How many requests, how they ended and how long they took. By method and status only: `/metrics` answers to whoever
 * reaches it, and a count of declines, or of ignores, is nobody's to read (R20, R29, R30).
 */
export function measureRequests(server: FastifyInstance, metrics: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'status'],
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
    duration.observe({ method: request.method, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}
