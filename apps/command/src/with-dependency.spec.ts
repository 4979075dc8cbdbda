import { describe, expect, it } from '@jest/globals';
import { WrappingKeyMissingError } from '#libs/author-keys';
import { DATABASE, withDependency } from './with-dependency.js';

describe('withDependency', () => {
  it('names the server that failed', async () => {
    await expect(withDependency(DATABASE, Promise.reject(new Error('timeout')))).rejects.toThrow(
      'the database at DATABASE_URL failed: timeout',
    );
  });

  it('does not blame the database for a key that TEXT_KEYS lacks', async () => {
    await expect(
      withDependency(DATABASE, Promise.reject(new WrappingKeyMissingError('t1', false))),
    ).rejects.toThrow(/^TEXT_KEYS does not list the key t1/);
  });
});
