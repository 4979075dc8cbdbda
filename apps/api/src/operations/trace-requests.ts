import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isTracing, runInSpans, startSpan, type Span } from '#libs/platform';
import { routeLabel } from './metrics.controller.js';

/** Probes and scrapes come every few seconds, and tell nothing. */
const UNTRACED_ROUTES = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Makes each request a span, and the first of a trace: the trace context of a browser is not passed on to other services. The span
 * has the label of the route and no path, no id and no name of an action. Where the label hides the action, the statements of SQL
 * are no spans: their number would tell an ignore from a decline (D1).
 */
export function traceRequests(server: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  server.addHook('onRequest', (request, _reply, done) => {
    const template = request.routeOptions.url;
    if (!isTracing() || UNTRACED_ROUTES.has(template ?? '')) return done();
    const { method } = request;
    const route = routeLabel(template);
    const isKnown = route !== 'none';
    const span = startSpan(isKnown ? `${method} ${route}` : method, 'server', undefined, {
      'http.request.method': method,
      ...(isKnown ? { 'http.route': route } : {}),
    });
    if (span === undefined) return done();
    spans.set(request, span);
    runInSpans([span], done, !isKnown || route === template);
  });
  // Fastify calls it for an aborted request, too.
  server.addHook('onResponse', (request, { statusCode }, done) => {
    const span = spans.get(request);
    span?.setAttributes({ 'http.response.status_code': statusCode });
    if (statusCode >= 500) span?.fail(String(statusCode));
    span?.end();
    done();
  });
}
