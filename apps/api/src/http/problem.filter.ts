import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#libs/platform';
import { LOGGER } from '../tokens.js';
import { logFailure } from './log-failure.js';
import { problemOf } from './problem-of.js';

/** Every error of the HTTP API as `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const problem = problemOf(error);
    logFailure(this.logger, problem, http.getRequest<FastifyRequest>());
    void http
      .getResponse<FastifyReply>()
      .code(problem.status)
      .headers(problem.headers)
      .type('application/problem+json')
      .send(problem.body);
  }
}
