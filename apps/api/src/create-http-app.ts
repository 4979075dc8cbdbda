import type { Server as HttpsServer } from 'node:https';
import type { INestApplication, Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { MAX_MESSAGE_BYTES } from '#libs/contracts';
import { NestLogger, type ServiceOptions } from '#libs/service';
import { ApiModule } from './api.module.js';
import type { ApiConfig } from './config/api.config.js';
import {
  rejectMalformedRequest,
  rejectExpectation,
  rejectUnroutableUrl,
  requireHost,
} from './http/malformed-requests.js';
import { registerBodyParsers } from './http/request-body.js';
import { drainConnectionsOnClose } from './http/drain-connections.js';
import { lingerOnClose } from './http/lingering-close.js';
import { serveOpenApi, restrictDocsFiles } from './http/openapi.js';
import { addEtags } from './http/etags.js';
import { followRenewedCertificate, readServerTls } from './http/tls-server.js';
import {
  REQUEST_ID_HEADER,
  getRequestId,
  addRequestIds,
  createSecurityHeaders,
  addSecurityHeaders,
} from './http/response-headers.js';
import { LocalRateLimiter, limitRequestsByAddress } from './rate-limits/local-rate-limiter.js';
import { createTrustedProxyCheck, warnAboutUntrustedProxy } from './rate-limits/client-address.js';
import { measureRequests } from './operations/metrics.controller.js';
import { traceRequests } from './operations/trace-requests.js';
import { STYLE_HASH } from './pages/layout/style.js';

/**
 * Creates the app with its HTTP server, ready to listen.
 * @param replacements replace providers of the same token, in tests
 */
export async function createHttpApp(
  options: ServiceOptions<ApiConfig>,
  replacements?: readonly Provider[],
): Promise<NestFastifyApplication> {
  const { config, logger } = options;
  const security = createSecurityHeaders(config.PUBLIC_URL, STYLE_HASH, config.NETWORK_LOGO_URL);
  const isTrusted = createTrustedProxyCheck(config.TRUST_PROXY);
  const tls = readServerTls(config);
  const serverOptions = {
    // Milliseconds to receive the headers, and how often both limits are checked. They also close a connection that
    // sends nothing at all.
    headersTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: false,
  };
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_MESSAGE_BYTES,
    // Milliseconds to receive a whole request; a slower sender is cut off.
    requestTimeout: 10_000,
    // Milliseconds without a byte in either direction: longer than a request may take. A client that does not read its response is
    // cut off; otherwise the connection, and what is left of the response, would be kept for as long as the client likes.
    connectionTimeout: 15_000,
    ...(tls === undefined ? { http: serverOptions } : { https: { ...serverOptions, ...tls } }),
    clientErrorHandler: rejectMalformedRequest(security),
    trustProxy: config.TRUST_PROXY === undefined ? false : (address: string) => isTrusted(address),
    genReqId: getRequestId,
    // Shorter than a load balancer keeps them, so that stopping does not wait for idle connections.
    keepAliveTimeout: 5_000,
    forceCloseConnections: 'idle',
    // Longer than any token of a link, so that an overlong token reaches its handler and is rejected there like any
    // other.
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: rejectUnroutableUrl(security),
  });
  const server = adapter.getInstance();
  server.server.on('checkExpectation', rejectExpectation(security));
  if (tls !== undefined) followRenewedCertificate(server.server as unknown as HttpsServer, config, logger);
  lingerOnClose(server);
  traceRequests(server);
  registerBodyParsers(server);
  addSecurityHeaders(server, security);
  addRequestIds(server);
  requireHost(server);
  warnAboutUntrustedProxy(server, isTrusted, logger);
  limitRequestsByAddress(server, () => app.get(LocalRateLimiter));
  restrictDocsFiles(server);
  addEtags(server);
  const module = ApiModule.forRoot(options, replacements);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLogger(logger),
  });
  measureRequests(server, app.get(Registry));
  drainConnectionsOnClose(server);
  enableCors(app, config.CORS_ORIGINS);
  serveOpenApi(app);
  await app.init();
  await server.ready();
  return app;
}

/**
 * Allows the configured origins to call the API; none by default. Never with cookies: the API takes tokens, and the
 * pages are for their own origin.
 */
function enableCors(app: INestApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', REQUEST_ID_HEADER],
    exposedHeaders: ['location', 'retry-after', REQUEST_ID_HEADER],
    credentials: false,
    // Every OPTIONS request is answered as a preflight: the plugin's own error is not problem+json.
    strictPreflight: false,
    maxAge: 600,
  });
}
