import { describe, expect, it } from '@jest/globals';
import { UnknownEvent } from '#libs/event-store';
import { Fenced } from './leases/checkpoints.js';
import { describeFailure, EventFailed, isOfTheEvent, ofTheEvent } from './whose-failure.js';

const SECRET = 'Dear Bilal';
const coded = (code: string, more: object = {}) => Object.assign(new Error(SECRET), { code, ...more });
const thrown = (error: unknown): unknown => {
  try {
    return ofTheEvent(() => {
      throw error;
    });
  } catch (failure) {
    return failure;
  }
};

describe('a failure', () => {
  it.each<[string, unknown]>([
    ['an event of a type that is not known', thrown(new UnknownEvent('7@account-3f-amal'))],
    ['a fold that throws', thrown(new TypeError(SECRET))],
    ['a text that PostgreSQL does not take', coded('22021')],
    ['a null where none may be', coded('23502')],
    ['a key too long for its index', coded('54000')],
  ])('is the event’s: %s', (_what, error) => {
    expect(isOfTheEvent(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a connection that is refused', coded('ECONNREFUSED')],
    ['a statement that takes too long', coded('57014')],
    ['a session that was ended', coded('25P03')],
    ['a deadlock', coded('40P01')],
    ['a table that is not there', coded('42P01')],
    ['a full disk', coded('53100')],
    ['a fence', new Fenced({ projection: 'inbox', generation: 1, replica: 'a' })],
    ['a bug of ours', new TypeError('x is not a function')],
    ['nothing that is an error', undefined],
  ])('is the world’s: %s', (_what, error) => {
    expect(isOfTheEvent(error)).toBe(false);
  });

  it('is told without a word of a member', () => {
    expect(describeFailure(thrown(new UnknownEvent('7@account-3f-amal: not known')))).toBe(
      '7@account-3f-amal: not known',
    );
    expect(describeFailure(coded('23514', { constraint: 'sent_status_check', detail: SECRET }))).toBe(
      'PostgreSQL 23514 (sent_status_check)',
    );
    expect(describeFailure(thrown(new SyntaxError(`${SECRET}\n    at secret (secret.ts:1:1)`)))).toMatch(
      /^SyntaxError at whose-failure\.spec\.ts:\d+$/,
    );
    expect(describeFailure(thrown(SECRET))).toBe('string');
    expect(thrown(new TypeError(SECRET))).toBeInstanceOf(EventFailed);
    expect(String(thrown(new TypeError(SECRET)))).not.toContain(SECRET);
  });
});
