import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Health } from './health.js';
import { measureProcess } from './process-metrics.js';

/**
 * `/healthz` (the process answers), `/readyz` (it can do its work; 503 with the reasons if not) and `/metrics`
 * (Prometheus text, the process's own figures among it), for the apps that have no HTTP otherwise.
 * @param port 0 for a free one
 * @param more what the app answers beside these; false leaves the request to us
 */
export async function startHealthServer(
  port: number,
  health: Health,
  metrics: Registry,
  more: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<{ port: number; close(): Promise<void> }> {
  measureProcess(metrics);
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body);
    if (request.url === '/healthz') return answer(200, 'application/json', '{"alive":true}');
    if (request.url === '/readyz') {
      const report = health.report();
      return answer(report.ready ? 200 : 503, 'application/json', JSON.stringify(report));
    }
    if (request.url === '/metrics') {
      return void metrics.metrics().then(
        (text) => answer(200, metrics.contentType, text),
        () => answer(500, 'text/plain', 'metrics failed'),
      );
    }
    if (more(request, response)) return undefined;
    return answer(404, 'text/plain', 'not found');
  });
  server.listen(port);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
