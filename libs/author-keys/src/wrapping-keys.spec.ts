import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '#libs/platform';
import { parseWrappingKeys, unwrapKey, WrappingKeyMissingError, wrapKey } from './wrapping-keys.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const [old, current] = [key('t1'), key('t2')];
const plain = randomBytes(32);

describe('parseWrappingKeys', () => {
  it.each([
    ['no keys', ','],
    ['a key without an id', randomBytes(32).toString('base64url')],
    ['a secret that is too short', `t1:${randomBytes(31).toString('base64url')}`],
    ['a secret that is too long', `t1:${randomBytes(33).toString('base64url')}`],
    ['an id twice', `${old},${key('t1')}`],
  ])('rejects %s, and names no secret', (_what, env) => {
    expect(() => parseWrappingKeys(env)).toThrow(ConfigError);
    expect(() => parseWrappingKeys(env)).toThrow(/^TEXT_KEYS[^:]*(: [^,]{0,80})?$/);
    const [, secret = 'none'] = env.split(':');
    expect(() => parseWrappingKeys(env)).not.toThrow(secret.slice(0, 20));
  });
});

describe('wrapKey and unwrapKey', () => {
  it('unwrap with every listed key, and wrap with the first', () => {
    const wrapped = wrapKey(parseWrappingKeys(old), 'amal', plain);
    const rotated = parseWrappingKeys(`${current},${old}`);
    expect(unwrapKey(rotated, 'amal', wrapped)).toEqual(plain);
    expect(wrapKey(rotated, 'amal', plain).wrappingKey).toBe('t2');
  });

  it.each([
    ['an unlisted key', current, 'amal', 'does not list the key t1'],
    ['another secret of the same id', key('t1'), 'amal', 'has another secret'],
    ["another author's row", old, 'bilal', 'has another secret for it, or the row was changed'],
  ])('reject %s', (_what, keys, authorId, message) => {
    const wrapped = wrapKey(parseWrappingKeys(old), 'amal', plain);
    const unwrap = () => unwrapKey(parseWrappingKeys(keys), authorId, wrapped);
    expect(unwrap).toThrow(WrappingKeyMissingError);
    expect(unwrap).toThrow(message);
  });
});
