import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Health } from './health.js';
import { registerProcessMetrics } from './metrics.js';

/**
 * Starts an HTTP server for an app that has none of its own: `/healthz` (200 while the process responds), `/readyz` (200 if
 * the app is ready, otherwise 503 with the reasons) and `/metrics` (Prometheus text with the metrics of the process).
 * @param address the host to listen on, and the port; port 0 chooses a free one
 * @param handleOther handles the app's own routes; returns false for a request that is not one of them
 */
export async function startHealthServer(
  { host, port }: { readonly host: string; readonly port: number },
  health: Health,
  metrics: Registry,
  handleOther: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<{ port: number; close(): Promise<void> }> {
  registerProcessMetrics(metrics);
  const server = createServer((request, response) => {
    const respond = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body);
    if (request.url === '/healthz') return respond(200, 'application/json', '{"alive":true}');
    if (request.url === '/readyz') {
      const report = health.report();
      return respond(report.ready ? 200 : 503, 'application/json', JSON.stringify(report));
    }
    if (request.url === '/metrics') {
      return void metrics.metrics().then(
        (text) => respond(200, metrics.contentType, text),
        () => respond(500, 'text/plain', 'metrics failed'),
      );
    }
    if (handleOther(request, response)) return undefined;
    return respond(404, 'text/plain', 'not found');
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
