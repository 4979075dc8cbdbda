import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.js';
import { withSpans } from './tracing/span.js';

/** What a logger writes. */
function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger('example', 'info', { write: (line) => void (text += line) }));
  return text;
}

describe('createLogger', () => {
  it('writes the time, the app and the level', () => {
    expect(JSON.parse(logged((logger) => logger.warn({ topic: 't' }, 'slow')))).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      app: 'example',
      topic: 't',
      msg: 'slow',
    });
  });

  it('names the trace of the running work, or the traces of a batch', async () => {
    const span = (trace: string) => ({
      traceparent: `00-${trace.repeat(32)}-${'1'.repeat(16)}-01`,
      hasEnded: false,
      setAttributes: () => undefined,
      fail: () => undefined,
      end() {
        this.hasEnded = true;
      },
    });
    const lines: string[] = [];
    const logger = createLogger('example', 'info', { write: (line) => void lines.push(line) });
    await withSpans([span('a'), undefined], async () => logger.info('one'));
    await withSpans([span('a'), span('b'), span('a')], async () => logger.info('a batch'));
    await withSpans([undefined], async () => logger.info('not traced'));
    const [one, batch, untraced] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(one).toMatchObject({ msg: 'one', traceId: 'a'.repeat(32) });
    expect(batch).toMatchObject({ msg: 'a batch', traceIds: ['a'.repeat(32), 'b'.repeat(32)] });
    expect(untraced).not.toHaveProperty('traceId');
  });

  it('writes the message of an error, and not the row that it quotes', () => {
    const error = Object.assign(new Error('new row violates a constraint'), {
      code: '23514',
      detail: 'Failing row contains (amal, a private text).',
    });
    const text = logged((logger) => logger.error({ err: error }, 'failed'));
    expect(JSON.parse(text)).toMatchObject({ err: { message: error.message, code: '23514', type: 'Error' } });
    expect(text).not.toContain('private text');
  });

  it('writes a thrown value that is not an Error', () => {
    expect(logged((logger) => logger.error({ err: 'a string' }, 'failed'))).toContain('"err":"a string"');
  });
});
