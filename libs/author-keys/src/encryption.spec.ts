import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openText, sealText, unwrapKey, WrappingKeyMissingError, wrapKey } from './encryption.js';
import { parseWrappingKeys } from './text-keys.config.js';

const key = createSecretKey(randomBytes(32));
const context = {
  authorId: 'amal',
  streamId: 'account-3f-amal',
  eventId: '58626d1f-adce-5f02-af3e-8a1bc7191807',
  field: 'message',
} as const;
const TEXT = 'Hi "you"\n🙂 مرحبا';

describe('sealText and openText', () => {
  it('return the text, and never the same ciphertext twice', () => {
    const sealed = Array.from({ length: 600 }, () => sealText(key, TEXT, context));
    expect(new Set(sealed).size).toBe(600);
    for (const one of sealed) expect(openText(key, one, context)).toBe(TEXT);
    for (const one of sealed) {
      expect(one).not.toContain('Hi "you"');
      expect(Buffer.from(one, 'base64url').toString()).not.toContain('Hi "you"');
    }
  });

  it.each([
    ['another author', { authorId: 'bilal' }],
    ['another stream', { streamId: 'account-2e-bilal' }],
    ['another event', { eventId: '00000000-0000-5000-8000-000000000001' }],
    ['another field', { field: 'reply' as 'message' }],
  ])('do not decrypt a ciphertext that was copied to %s', (_what, change) => {
    expect(openText(key, sealText(key, TEXT, context), { ...context, ...change })).toBeUndefined();
  });

  it('do not decrypt with another key', () => {
    expect(openText(createSecretKey(randomBytes(32)), sealText(key, TEXT, context), context)).toBeUndefined();
  });

  it('do not decrypt a changed or truncated ciphertext', () => {
    const bytes = Buffer.from(sealText(key, TEXT, context), 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect(openText(key, changed.toString('base64url'), context)).toBeUndefined();
      expect(openText(key, bytes.subarray(0, at).toString('base64url'), context)).toBeUndefined();
    }
  });
});

const wrappingKey = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const [old, current] = [wrappingKey('t1'), wrappingKey('t2')];
const plain = randomBytes(32);

describe('wrapKey and unwrapKey', () => {
  it('unwrap with every listed key, and wrap with the first', () => {
    const wrapped = wrapKey(parseWrappingKeys(old), 'amal', plain);
    const rotated = parseWrappingKeys(`${current},${old}`);
    expect(unwrapKey(rotated, 'amal', wrapped)).toEqual(plain);
    expect(wrapKey(rotated, 'amal', plain).wrappingKey).toBe('t2');
  });

  it.each([
    ['an unlisted key', current, 'amal', 'does not list the key t1'],
    ['another secret of the same id', wrappingKey('t1'), 'amal', 'has another secret'],
    ["another author's row", old, 'bilal', 'has another secret for it, or the row was changed'],
  ])('reject %s', (_what, keys, authorId, message) => {
    const wrapped = wrapKey(parseWrappingKeys(old), 'amal', plain);
    const unwrap = () => unwrapKey(parseWrappingKeys(keys), authorId, wrapped);
    expect(unwrap).toThrow(WrappingKeyMissingError);
    expect(unwrap).toThrow(message);
  });
});
