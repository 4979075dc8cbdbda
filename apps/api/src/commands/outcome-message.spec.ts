import { describe, expect, it } from '@jest/globals';
import { outcomeIn } from './outcome-message.js';

const commandId = '00000000-0000-4000-8000-000000000001';
const read = (value: unknown) => outcomeIn(Buffer.from(JSON.stringify(value)));

describe('a message on the topic of outcomes', () => {
  it('is an outcome, and nothing else in it counts', () => {
    expect(read({ commandId, outcome: 'accepted', code: 'NOT_OPEN', more: 1 })).toEqual({
      commandId,
      outcome: 'accepted',
    });
    expect(read({ commandId, outcome: 'refused', code: 'NOT_OPEN' })).toEqual({
      commandId,
      outcome: 'refused',
      code: 'NOT_OPEN',
    });
  });

  it.each([
    null,
    1,
    [],
    {},
    { commandId: 1, outcome: 'accepted' },
    { commandId: 'x', outcome: 'accepted' },
    { commandId },
    { commandId, outcome: 'perhaps' },
    { commandId, outcome: 'refused' },
    { commandId, outcome: 'refused', code: 'toString' },
  ])('is none: %j', (value) => {
    expect(read(value)).toBeUndefined();
  });

  it('is none without a value, or with bytes that are no JSON', () => {
    expect(outcomeIn(null)).toBeUndefined();
    expect(outcomeIn(Buffer.from('{'))).toBeUndefined();
    expect(outcomeIn(Buffer.from([0xff]))).toBeUndefined();
  });
});
