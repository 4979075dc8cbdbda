import type { FastifyRequest } from 'fastify';
import type { Logger } from '#libs/platform';
import type { Problem } from './problem.js';

/**
 * Logs an answer that is not the caller's fault: what nobody foresaw as an error, an outage as a warning. The route as
 * it is declared, never the address: that may hold a link's token.
 */
export function logFailure(logger: Logger, { status, cause }: Problem, request: FastifyRequest): void {
  const line = {
    err: cause,
    requestId: request.id,
    method: request.method,
    route: request.routeOptions?.url,
  };
  if (status === 503) logger.warn(line, 'a part that the request needs is out of reach');
  else if (status >= 500) logger.error(line, 'request failed');
}
