import { NotFoundException, RequestTimeoutException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { InvalidDataError } from '#libs/contracts';
import { createLogger, createPool } from '#libs/platform';
import { badRequest } from './problem.js';
import { toProblem } from './to-problem.js';

const withCode = (code: string) => Object.assign(new Error('secret'), { code });

describe('toProblem', () => {
  it('returns a problem as it is', () => {
    const problem = badRequest('limit must be a number');
    expect(toProblem(problem)).toBe(problem);
    expect(problem.body).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'INVALID_COMMAND',
      detail: 'limit must be a number',
    });
  });

  it.each([
    [new InvalidDataError(['x']), 400, 'INVALID_COMMAND'],
    [new NotFoundException(), 404, 'NOT_FOUND'],
    [new RequestTimeoutException(), 408, 'INVALID_COMMAND'],
    [Object.assign(new Error('x'), { statusCode: 413 }), 413, 'INVALID_COMMAND'],
    [Object.assign(new Error('x'), { statusCode: 503 }), 503, 'UNAVAILABLE'],
    [Object.assign(new Error('aborted'), { code: 'ECONNRESET' }), 400, 'INVALID_COMMAND'],
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 503, 'UNAVAILABLE'],
    // A server that stops, starts, is promoted, is read-only, is full, or ends what takes too long.
    ...`57P01 57P02 57P03 57P04 57P05 57014 08000 08001 08003 08004 08006 08P01 53000 53100 53200 53300 53400
      25006 25P03 25P04 28000 28P01 3D000 40001 40P01 55P03 55006 58000 58030
      ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN ECONNABORTED CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID`
      .split(/\s+/)
      .map((code) => [withCode(code), 503, 'UNAVAILABLE'] as const),
    [Object.assign(new Error('connect EACCES'), { code: 'EACCES', syscall: 'connect' }), 503, 'UNAVAILABLE'],
    [new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]), 503, 'UNAVAILABLE'],
    [new Error('Client has encountered a connection error and is not queryable'), 503, 'UNAVAILABLE'],
    [new Error('Client was closed and is not queryable'), 503, 'UNAVAILABLE'],
    [new Error('Connection terminated due to connection timeout'), 503, 'UNAVAILABLE'],
    [new Error('Query read timeout'), 503, 'UNAVAILABLE'],
    [new Error('timeout exceeded when trying to connect'), 503, 'UNAVAILABLE'],
    [new Error('Connection terminated unexpectedly'), 503, 'UNAVAILABLE'],
  ])('turns %p into %i %s', (error, status, code) => {
    expect(toProblem(error)).toMatchObject({ status, code });
  });

  it.each([
    withCode('22021'),
    withCode('42P01'),
    withCode('42501'),
    withCode('25001'),
    Object.assign(new Error('secret'), { code: 'EACCES', syscall: 'open' }),
    new AggregateError([withCode('ECONNREFUSED'), new TypeError('x')]),
    new TypeError('x'),
    'x',
    undefined,
  ])('turns the unexpected %p into 500 without any detail', (error) => {
    expect(toProblem(error).body).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'INTERNAL',
    });
  });

  it('turns the error of an unreachable database into 503', async () => {
    const pool = createPool({ url: 'postgres://127.0.0.1:1/x', app: 'test' }, createLogger('test', 'silent'));
    const error: unknown = await pool.query('SELECT 1').catch((error: unknown) => error);
    expect(toProblem(error)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    await pool.end();
  });
});
