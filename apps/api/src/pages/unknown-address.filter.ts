import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemFilter } from '../http/problem.filter.js';
import { PageFilter } from './page.filter.js';

/** An address that no route answers: a page to who navigates there with a browser, a problem to everyone else. */
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
