import { Catch, Inject, type ArgumentsHost, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#libs/platform';
import { LOGGER } from '#libs/service';
import { ApiConfig } from '../../config/api.config.js';
import { logFailure, ProblemFilter } from '../../http/problem.filter.js';
import { toProblem } from '../../http/to-problem.js';
import { errorPage, signInPage } from '../layout/notice.page.js';
import { pathAfterSignIn, type PageResponse } from '../layout/view.js';
import { PageRenderer, createSignInUrl } from './page-renderer.js';

/** Shows every error of the pages as a page. */
@Catch()
export class PageFilter implements ExceptionFilter {
  constructor(
    private readonly config: ApiConfig,
    private readonly pages: PageRenderer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error);
    logFailure(this.logger, problem, request);
    const answer = problem.status === 401 ? signInPage(this.signInUrl(request)) : errorPage(problem.status);
    void reply.headers(problem.headers);
    void this.send(reply, answer, request.method === 'GET');
  }

  private async send(reply: FastifyReply, answer: PageResponse, showsAddress: boolean): Promise<void> {
    void reply.send(await this.pages.render(reply, answer, showsAddress));
  }

  /** Returns to the requested page, or to the list or the member whose form was submitted. */
  private signInUrl(request: FastifyRequest): string | undefined {
    const [asked] = request.url.split('?');
    return createSignInUrl(this.config, request.method === 'GET' ? asked! : pathAfterSignIn(request));
  }
}

/** Responds to an unknown route: with a page to a browser that navigates there, with a problem to everybody else. */
@Catch(NotFoundException)
export class UnknownAddressFilter implements ExceptionFilter {
  constructor(
    private readonly pages: PageFilter,
    private readonly problems: ProblemFilter,
  ) {}

  catch(error: NotFoundException, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const filter: ExceptionFilter = isNavigation(request) ? this.pages : this.problems;
    // oxlint-disable-next-line promise/valid-params, promise/no-promise-in-callback -- a filter's method, no promise's
    filter.catch(error, host);
  }
}

const isNavigation = ({ method, url, headers }: FastifyRequest): boolean =>
  method === 'GET' && !url.startsWith('/v1/') && headers.accept?.includes('text/html') === true;
