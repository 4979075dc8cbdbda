import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#libs/platform';
import { LOGGER } from '#libs/service';
import { toProblem } from './to-problem.js';
import type { ProblemError } from './problem.js';

/** Sends every error of the HTTP API as `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const problem = toProblem(error);
    logFailure(this.logger, problem, http.getRequest<FastifyRequest>());
    void http
      .getResponse<FastifyReply>()
      .code(problem.status)
      .headers(problem.headers)
      .type('application/problem+json')
      .send(problem.body);
  }
}

/**
 * Logs a failure that is not the caller's fault: an outage as a warning, everything else as an error. Logs the route
 * pattern and never the URL, which may contain the token of a link.
 */
export function logFailure(logger: Logger, { status, cause }: ProblemError, request: FastifyRequest): void {
  const line = {
    err: cause,
    requestId: request.id,
    method: request.method,
    route: request.routeOptions?.url,
  };
  if (status === 503) logger.warn(line, 'a dependency of the request is unavailable');
  else if (status >= 500) logger.error(line, 'request failed');
}
