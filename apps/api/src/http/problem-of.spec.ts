import { NotFoundException, RequestTimeoutException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { InvalidData } from '#libs/contracts';
import { createLogger, createPool } from '#libs/platform';
import { invalid } from './problem.js';
import { problemOf } from './problem-of.js';

const withCode = (code: string) => Object.assign(new Error('secret'), { code });

describe('an error as an answer', () => {
  it('is itself, if it is a problem', () => {
    const problem = invalid('limit must be a number');
    expect(problemOf(problem)).toBe(problem);
    expect(problem.body).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'INVALID_COMMAND',
      detail: 'limit must be a number',
    });
  });

  it.each([
    [new InvalidData(['x']), 400, 'INVALID_COMMAND'],
    [new NotFoundException(), 404, 'NOT_FOUND'],
    [new RequestTimeoutException(), 408, 'INVALID_COMMAND'],
    [Object.assign(new Error('x'), { statusCode: 413 }), 413, 'INVALID_COMMAND'],
    [Object.assign(new Error('x'), { statusCode: 503 }), 503, 'UNAVAILABLE'],
    [Object.assign(new Error('aborted'), { code: 'ECONNRESET' }), 400, 'INVALID_COMMAND'],
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 503, 'UNAVAILABLE'],
    [withCode('57P01'), 503, 'UNAVAILABLE'],
    [withCode('08006'), 503, 'UNAVAILABLE'],
    [withCode('53300'), 503, 'UNAVAILABLE'],
    [withCode('57014'), 503, 'UNAVAILABLE'],
    [new Error('Query read timeout'), 503, 'UNAVAILABLE'],
    [new Error('timeout exceeded when trying to connect'), 503, 'UNAVAILABLE'],
    [new Error('Connection terminated unexpectedly'), 503, 'UNAVAILABLE'],
  ])('%p', (error, status, code) => {
    expect(problemOf(error)).toMatchObject({ status, code });
  });

  it.each([withCode('22021'), withCode('42P01'), new TypeError('x'), 'x', undefined])(
    '%p is nothing that was foreseen: 500, and no word of it',
    (error) => {
      expect(problemOf(error).body).toEqual({
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        code: 'INTERNAL',
      });
    },
  );

  it('is 503 when there is no database', async () => {
    const pool = createPool({ url: 'postgres://127.0.0.1:1/x', app: 'test' }, createLogger('test', 'silent'));
    const error: unknown = await pool.query('SELECT 1').catch((error: unknown) => error);
    expect(problemOf(error)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    await pool.end();
  });
});
