import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { registerProcessMetrics } from './metrics.js';

/** The health of one component of an app, such as a consumer or a projection. */
export interface ComponentHealth {
  readonly ready: boolean;
  /** It works in part and waits for an operator. Another replica would not help. */
  readonly degraded?: true;
  /** For an operator: what is wrong, and what the component waits for. */
  readonly detail?: string;
}

/** The readiness of an app. The app is ready when all of its components are. */
export class Health {
  private readonly components = new Map<string, ComponentHealth>();

  set(component: string, ready: boolean, detail?: string): void {
    this.components.set(component, { ready, ...(detail === undefined ? {} : { detail }) });
  }

  /** Marks a component as ready although something waits for an operator. */
  degrade(component: string, detail: string): void {
    this.components.set(component, { ready: true, degraded: true, detail });
  }

  /** The body of `/readyz`. Its key `parts` is public: probes and runbooks read it. */
  report(): { ready: boolean; parts: Record<string, ComponentHealth> } {
    const parts = Object.fromEntries(this.components);
    return { ready: Object.values(parts).every(({ ready }) => ready), parts };
  }
}

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
