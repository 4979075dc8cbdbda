import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.js';

/** What a logger writes. */
function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger('example', 'info', { write: (line) => void (text += line) }));
  return text;
}

describe('a log line', () => {
  it('says when, where and how bad', () => {
    expect(JSON.parse(logged((logger) => logger.warn({ topic: 't' }, 'slow')))).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      app: 'example',
      topic: 't',
      msg: 'slow',
    });
  });

  it('tells of an error what happened, and not the row that it happened to', () => {
    const error = Object.assign(new Error('new row violates a constraint'), {
      code: '23514',
      detail: 'Failing row contains (amal, a private text).',
    });
    const text = logged((logger) => logger.error({ err: error }, 'failed'));
    expect(JSON.parse(text)).toMatchObject({ err: { message: error.message, code: '23514', type: 'Error' } });
    expect(text).not.toContain('private text');
  });

  it('takes what was thrown and is no error', () => {
    expect(logged((logger) => logger.error({ err: 'a string' }, 'failed'))).toContain('"err":"a string"');
  });
});
