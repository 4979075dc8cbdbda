import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '#libs/platform';
import { parseLinkKeys } from './link-keys.js';

const secret = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64url');

describe('LINK_KEYS', () => {
  it('lists keys, the signing one first', () => {
    const keys = parseLinkKeys(`new:${secret(32)}, old:${secret(64)}`);
    expect(keys.map(({ id, secret }) => [id, secret.length])).toEqual([
      ['new', 32],
      ['old', 64],
    ]);
  });

  it.each([
    ['', 'not written as keyId:base64url-secret'],
    ['justtext', 'not written as keyId:base64url-secret'],
    [`a.b:${secret(32)}`, 'not written as keyId:base64url-secret'],
    [`a:${secret(32)}=`, 'not written as keyId:base64url-secret'],
    [`a:${secret(32)},`, 'key number 2 is not written'],
    [`a:${secret(31)}`, 'secret of a has fewer than 32 bytes'],
    [`a:${secret(32)},a:${secret(33)}`, 'names the key a twice'],
  ])('refuses %j', (env, reason) => {
    expect(() => parseLinkKeys(env)).toThrow(ConfigError);
    expect(() => parseLinkKeys(env)).toThrow(reason);
  });

  it('never shows a secret in its errors', () => {
    const short = secret(31);
    expect(() => parseLinkKeys(`a:${short}`)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(short) }),
    );
  });
});
