import type { PipeTransform } from '@nestjs/common';
import { validated } from '#libs/contracts';
import { invalid, Problem } from './problem.js';

/** A JSON body that is what its class says, with no field besides; a form is none. */
export class JsonBody<T extends object> implements PipeTransform<unknown, T> {
  constructor(private readonly type: new () => T) {}

  transform(body: unknown): T {
    refuseForms(body);
    return validated(this.type, body);
  }
}

/** Where there is nothing to say, an absent or an empty body. */
export class NoBody implements PipeTransform<unknown, undefined> {
  transform(body: unknown): undefined {
    refuseForms(body);
    if (body === undefined || body === null) return;
    const fields = typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : undefined;
    if (fields?.length !== 0) throw invalid('the body must be empty');
  }
}

function refuseForms(body: unknown): void {
  if (body instanceof URLSearchParams) throw new Problem(415, 'INVALID_COMMAND');
}
