import type { FastifyInstance } from 'fastify';
import type { PipeTransform } from '@nestjs/common';
import { parseJson, parseDto } from '#libs/contracts';
import { badRequest, ProblemError } from './problem.js';

/**
 * Registers parsers for JSON and for forms, which only the pages accept; every other content type gets 415. Mail
 * programs may send a one-click unsubscription as multipart; its one field adds nothing to the link.
 */
export function registerBodyParsers(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  const form = 'application/x-www-form-urlencoded';
  server.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, done) => {
    done(null, new URLSearchParams(body.toString()));
  });
  server.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(null, new URLSearchParams());
  });
}

/** Validates a JSON body by its class and rejects unknown fields. A form gets 415. */
export class JsonBodyPipe<T extends object> implements PipeTransform<unknown, T> {
  constructor(private readonly type: new () => T) {}

  transform(body: unknown): T {
    rejectForm(body);
    return parseDto(this.type, body);
  }
}

/** Accepts an absent or empty body only. */
export class EmptyBodyPipe implements PipeTransform<unknown, undefined> {
  transform(body: unknown): undefined {
    rejectForm(body);
    if (body === undefined || body === null) return;
    const fields = typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : undefined;
    if (fields?.length !== 0) throw badRequest('the body must be empty');
  }
}

function rejectForm(body: unknown): void {
  if (body instanceof URLSearchParams) throw new ProblemError(415, 'INVALID_COMMAND');
}
