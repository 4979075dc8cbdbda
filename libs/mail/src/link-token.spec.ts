import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ConfigError } from '#libs/platform';
import { parseLinkKeys, signLink, verifyLink, type LinkClaims, type LinkPurpose } from './link-token.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const [k1, k2] = [key('k1'), key('k2')];
const keys = parseLinkKeys(k1);
const now = new Date('2026-03-01T12:00:00.000Z');
const later = new Date(now.getTime() + 1);

const claims: LinkClaims = {
  purpose: 'accept',
  memberId: 'bob',
  invitationId: 'ann.3f1b2c4d-0000-4000-8000-000000000001',
  expiresAt: later,
};

const anyClaims: fc.Arbitrary<LinkClaims> = fc.record(
  {
    purpose: fc.constantFrom<LinkPurpose>('accept', 'preferences', 'unsubscribe'),
    memberId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    invitationId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}\.[0-9a-f]{36}$/),
    kind: fc.constantFrom('invitations' as const, 'reminders' as const),
    openAt: fc.date({ noInvalidDate: true }),
    expiresAt: fc.date({ min: later, noInvalidDate: true }),
  },
  { requiredKeys: ['purpose', 'memberId', 'expiresAt'] },
);

describe('signLink and verifyLink (D12)', () => {
  it('return the signed claims, and need no escaping in a URL', () => {
    fc.assert(
      fc.property(anyClaims, (made) => {
        const token = signLink(keys, made);
        expect(encodeURIComponent(token)).toBe(token);
        expect(verifyLink(keys, token, made.purpose, now)).toEqual(made);
      }),
    );
  });

  it('accept a token for its own purpose only', () => {
    const token = signLink(keys, claims);
    expect(verifyLink(keys, token, 'preferences', now)).toBeUndefined();
    expect(verifyLink(keys, token, 'unsubscribe', now)).toBeUndefined();
  });

  it('accept a token until the moment at which it expires', () => {
    const token = signLink(keys, claims);
    expect(verifyLink(keys, token, 'accept', now)).toEqual(claims);
    expect(verifyLink(keys, token, 'accept', later)).toBeUndefined();
  });

  it('reject a token with any one character changed, removed or added', () => {
    const token = signLink(keys, claims);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ';
    for (let at = 0; at < token.length; at += 1) {
      const [before, after] = [token.slice(0, at), token.slice(at + 1)];
      const forged = [before + after, ...Array.from(alphabet, (char) => before + char + after)];
      for (const other of forged.filter((text) => text !== token)) {
        expect(verifyLink(keys, other, 'accept', now)).toBeUndefined();
      }
    }
    for (const added of ['=', '.', 'A', '\n']) {
      expect(verifyLink(keys, token + added, 'accept', now)).toBeUndefined();
    }
  });

  it('accept a token as long as the key that signed it is listed', () => {
    const token = signLink(keys, claims);
    expect(verifyLink(parseLinkKeys(`${k2},${k1}`), token, 'accept', now)).toEqual(claims);
    expect(verifyLink(parseLinkKeys(k2), token, 'accept', now)).toBeUndefined();
  });

  it('reject a token with the id of another key', () => {
    const [, payload, mac] = signLink(parseLinkKeys(k2), claims).split('.');
    expect(verifyLink(parseLinkKeys(`${k1},${k2}`), `k1.${payload}.${mac}`, 'accept', now)).toBeUndefined();
  });

  it('reject any other text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        for (const text of [a, `${a}.${b}.${c}`, `k1.${b}.${c}`]) {
          expect(verifyLink(keys, text, 'accept', now)).toBeUndefined();
        }
      }),
    );
    expect(verifyLink(keys, 'k1.'.padEnd(100_000, 'A'), 'accept', now)).toBeUndefined();
  });
});

const secret = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64url');

describe('parseLinkKeys', () => {
  it('returns the keys, the signing key first', () => {
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
  ])('rejects %j', (env, reason) => {
    expect(() => parseLinkKeys(env)).toThrow(ConfigError);
    expect(() => parseLinkKeys(env)).toThrow(reason);
  });

  it('shows no secret in its errors', () => {
    const short = secret(31);
    expect(() => parseLinkKeys(`a:${short}`)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(short) }),
    );
  });
});
