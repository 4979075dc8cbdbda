import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#libs/platform';
import { ApiConfig } from '../config.js';
import { logFailure } from '../http/log-failure.js';
import { problemOf } from '../http/problem-of.js';
import { LOGGER } from '../tokens.js';
import { failed, signIn } from './notices.js';
import { Pages } from './pages.js';
import { signInUrl } from './sign-in-url.js';
import { pageOfRoute } from './view.js';

/** Every error of the pages as a page. */
@Catch()
export class PageFilter implements ExceptionFilter {
  constructor(
    private readonly config: ApiConfig,
    private readonly pages: Pages,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = problemOf(error);
    logFailure(this.logger, problem, request);
    const answer = problem.status === 401 ? signIn(this.signInUrl(request)) : failed(problem.status);
    void reply.headers(problem.headers);
    void reply.send(this.pages.send(reply, answer, request.method === 'GET'));
  }

  /** Back to the page that was asked for, or to the list whose form was sent. */
  private signInUrl(request: FastifyRequest): string | undefined {
    const [asked] = request.url.split('?');
    return signInUrl(this.config, request.method === 'GET' ? asked! : `/${pageOfRoute(request)}`);
  }
}
