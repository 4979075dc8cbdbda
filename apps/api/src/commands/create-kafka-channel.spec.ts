import { describe, expect, it } from '@jest/globals';
import { parseOutcome } from './create-kafka-channel.js';

const commandId = '00000000-0000-4000-8000-000000000001';
const read = (value: unknown) => parseOutcome(Buffer.from(JSON.stringify(value)));

describe('parseOutcome', () => {
  it('returns the outcome and ignores other fields', () => {
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
  ])('returns undefined for %j', (value) => {
    expect(read(value)).toBeUndefined();
  });

  it('returns undefined without a value, and for bytes that are not JSON', () => {
    expect(parseOutcome(null)).toBeUndefined();
    expect(parseOutcome(Buffer.from('{'))).toBeUndefined();
    expect(parseOutcome(Buffer.from([0xff]))).toBeUndefined();
  });
});
