import { describe, expect, it } from '@jest/globals';
import { UUID } from '#libs/contracts';
import { commandIdIn } from './command-id.js';

const id = '0000000A-0000-4000-8000-00000000000f';

describe('the id of a command (D10)', () => {
  it('is what Idempotency-Key says, in one spelling', () => {
    expect(commandIdIn({ headers: { 'idempotency-key': id } })).toBe(id.toLowerCase());
  });

  it('is a new one where nothing is said', () => {
    const [one, other] = [commandIdIn({ headers: {} }), commandIdIn({ headers: {} })];
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
  ])('is not %j', (key) => {
    const headers = { 'idempotency-key': key };
    expect(() => commandIdIn({ headers })).toThrow(expect.objectContaining({ status: 400 }));
  });
});
