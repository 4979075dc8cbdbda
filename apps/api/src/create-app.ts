import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_MESSAGE_BYTES } from '#libs/contracts';
import { NestLogger } from '#libs/platform';
import { ApiModule, type ApiParts } from './api.module.js';
import { answerClientError, answerExpectation } from './http/client-error.js';
import { allowOrigins } from './http/cors.js';
import { readBodies } from './http/body-parsers.js';
import { drainConnections } from './http/drain-connections.js';
import { serveOpenApi } from './http/openapi.js';
import { notFound } from './http/problem.js';
import { requireHost } from './http/require-host.js';
import { sendEtags } from './http/send-etags.js';
import { REQUEST_ID, requestIdOf, sendRequestIds } from './http/request-id.js';
import { securityHeaders, sendSecurityHeaders, type Headers } from './http/security-headers.js';
import { InstanceLimits } from './limits/instance-limits.js';
import { limitAddresses } from './limits/limit-addresses.js';
import { measureRequests } from './operations/measure-requests.js';

/** The app over its parts, ready to listen. */
export async function createApp(parts: ApiParts): Promise<NestFastifyApplication> {
  const security = securityHeaders(parts.config.PUBLIC_URL);
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_MESSAGE_BYTES,
    // Time to receive a request, in milliseconds: slow senders are cut off.
    requestTimeout: 10_000,
    // Time for its headers, and how often both are looked at. A connection that says nothing at all is closed, too.
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000, requireHostHeader: false },
    clientErrorHandler: answerClientError(security),
    trustProxy: parts.config.TRUST_PROXY ?? false,
    genReqId: requestIdOf,
    // Shorter than a load balancer would keep them, so that stopping does not wait for idle connections.
    keepAliveTimeout: 5_000,
    forceCloseConnections: 'idle',
    // A longer parameter than a link's token reaches its handler, too, and is refused there like any other.
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: unroutable(security),
  });
  const server = adapter.getInstance();
  server.server.on('checkExpectation', answerExpectation(security));
  readBodies(server);
  sendSecurityHeaders(server, security);
  sendRequestIds(server);
  requireHost(server);
  limitAddresses(server, () => app.get(InstanceLimits));
  sendEtags(server);
  measureRequests(server, parts.metrics);
  drainConnections(server);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(parts), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLogger(parts.logger),
  });
  allowOrigins(app, parts.config.CORS_ORIGINS);
  serveOpenApi(app);
  await app.init();
  await server.ready();
  return app;
}

/** An address that cannot be read names nothing that exists. The server answers it before any hook. */
const unroutable =
  (security: Headers) =>
  (_error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, body } = notFound();
    void reply
      .code(status)
      .headers({ ...security, [REQUEST_ID]: request.id })
      .type('application/problem+json')
      .send(body);
  };
