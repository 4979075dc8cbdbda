import { describe, expect, it } from '@jest/globals';
import { UnknownEventError } from '#libs/event-store';
import { rawEvent } from '../../../test/support/raw-event.js';
import {
  asEventFailure,
  describeFailure,
  EventHandlingError,
  isEventFailure,
  isolateFailedEvents,
} from './event-failure.js';
import { FencedError } from './leases/fencing.js';

const SECRET = 'Dear Bilal';
const coded = (code: string, more: object = {}) => Object.assign(new Error(SECRET), { code, ...more });
const thrown = (error: unknown): unknown => {
  try {
    return asEventFailure(() => {
      throw error;
    });
  } catch (failure) {
    return failure;
  }
};

describe('isEventFailure', () => {
  it.each<[string, unknown]>([
    ['an event of an unknown type', thrown(new UnknownEventError('7@account-3f-amal'))],
    ['a fold that throws', thrown(new TypeError(SECRET))],
    ['a text that PostgreSQL rejects', coded('22021')],
    ['a violated NOT NULL constraint', coded('23502')],
    ['a key that is too long for its index', coded('54000')],
  ])('is true for %s', (_what, error) => {
    expect(isEventFailure(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a refused connection', coded('ECONNREFUSED')],
    ['a statement timeout', coded('57014')],
    ['a session ended by PostgreSQL', coded('25P03')],
    ['a deadlock', coded('40P01')],
    ['a missing table', coded('42P01')],
    ['a full disk', coded('53100')],
    ['a FencedError', new FencedError({ projection: 'inbox', generation: 1, replica: 'a' })],
    ['a TypeError outside the code for an event', new TypeError('x is not a function')],
    ['undefined', undefined],
  ])('is false for %s', (_what, error) => {
    expect(isEventFailure(error)).toBe(false);
  });
});

describe('describeFailure', () => {
  it('describes a failure without any text of a member', () => {
    expect(describeFailure(thrown(new UnknownEventError('7@account-3f-amal: not known')))).toBe(
      '7@account-3f-amal: not known',
    );
    expect(describeFailure(coded('23514', { constraint: 'sent_status_check', detail: SECRET }))).toBe(
      'PostgreSQL 23514 (sent_status_check)',
    );
    expect(describeFailure(thrown(new SyntaxError(`${SECRET}\n    at secret (secret.ts:1:1)`)))).toMatch(
      /^SyntaxError at event-failure\.spec\.ts:\d+$/,
    );
    expect(describeFailure(thrown(SECRET))).toBe('string');
    expect(thrown(new TypeError(SECRET))).toBeInstanceOf(EventHandlingError);
    expect(String(thrown(new TypeError(SECRET)))).not.toContain(SECRET);
  });
});

/** Applies all events or none: none if one of the broken ones is among them. */
function applierFailingFor(...broken: string[]) {
  const applied: string[] = [];
  const apply = async (events: readonly { id: string }[]) => {
    if (events.some(({ id }) => broken.includes(id))) throw new EventHandlingError(new RangeError('no'));
    applied.push(...events.map(({ id }) => id));
  };
  return { applied, apply };
}

const amal = [rawEvent(1, 0, 'amal'), rawEvent(3, 0, 'amal'), rawEvent(5, 0, 'amal')];
const bilal = [rawEvent(2, 1, 'bilal'), rawEvent(4, 1, 'bilal')];
const batch = [...amal, ...bilal].toSorted((a, b) => Number(a.revision - b.revision));

describe('isolateFailedEvents', () => {
  it('applies all other events, and returns an account from its failed event on', async () => {
    const { applied, apply } = applierFailingFor('3');
    const failed = await isolateFailedEvents(batch, apply);
    expect(failed).toEqual([
      { accountId: 'amal', slice: 0, error: expect.stringMatching(/^RangeError/), events: amal.slice(1) },
    ]);
    expect(applied).toEqual(['1', '2', '4']);
  });

  it('returns every account with a failed event', async () => {
    const { applied, apply } = applierFailingFor('1', '4');
    const failed = await isolateFailedEvents(batch, apply);
    expect(failed.map(({ accountId, events }) => [accountId, events.length])).toEqual([
      ['amal', 3],
      ['bilal', 1],
    ]);
    expect(applied).toEqual(['2']);
  });

  it('returns no account if no event fails any more', async () => {
    const { applied, apply } = applierFailingFor();
    expect(await isolateFailedEvents(batch, apply)).toEqual([]);
    expect(applied).toEqual(['1', '3', '5', '2', '4']);
  });

  it('throws the error of an outage', async () => {
    const gone = async () => Promise.reject(new Error('the database is gone'));
    await expect(isolateFailedEvents(batch, gone)).rejects.toThrow('the database is gone');
  });
});
