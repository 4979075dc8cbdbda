import { describe, expect, it } from '@jest/globals';
import { UUID } from '#libs/contracts';
import { readCommandId } from './command-request.js';

const id = '0000000A-0000-4000-8000-00000000000f';

describe('readCommandId (D10)', () => {
  it('returns the Idempotency-Key in lower case', () => {
    expect(readCommandId({ headers: { 'idempotency-key': id } })).toBe(id.toLowerCase());
  });

  it('returns a new id without a header', () => {
    const [one, other] = [readCommandId({ headers: {} }), readCommandId({ headers: {} })];
    expect(one).toMatch(UUID);
    expect(one).not.toBe(other);
  });

  it.each([
    '',
    'x',
    `${id}\n`,
    `${id}, ${id}`,
    `${id}\r\nreply-to: x`,
    `{${id}}`,
    [id],
    '0000000a-0000-8000-8000-00000000000f',
  ])('rejects %j', (key) => {
    const headers = { 'idempotency-key': key };
    expect(() => readCommandId({ headers })).toThrow(expect.objectContaining({ status: 400 }));
  });
});
