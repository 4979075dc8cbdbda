import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { LinkClaims, LinkPurpose } from './link-claims.js';
import { parseLinkKeys } from './link-keys.js';
import { signLink, verifyLink } from './link-token.js';

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
    expiresAt: fc.date({ min: later, noInvalidDate: true }),
  },
  { requiredKeys: ['purpose', 'memberId', 'expiresAt'] },
);

describe('a signed link (D12)', () => {
  it('gives back what it was made of, and needs no escaping in a URL', () => {
    fc.assert(
      fc.property(anyClaims, (made) => {
        const token = signLink(keys, made);
        expect(encodeURIComponent(token)).toBe(token);
        expect(verifyLink(keys, token, made.purpose, now)).toEqual(made);
      }),
    );
  });

  it('is good for its own purpose only', () => {
    const token = signLink(keys, claims);
    expect(verifyLink(keys, token, 'preferences', now)).toBeUndefined();
    expect(verifyLink(keys, token, 'unsubscribe', now)).toBeUndefined();
  });

  it('is good until it expires, and not at that instant', () => {
    const token = signLink(keys, claims);
    expect(verifyLink(keys, token, 'accept', now)).toEqual(claims);
    expect(verifyLink(keys, token, 'accept', later)).toBeUndefined();
  });

  it('is worth nothing with any one character changed, left out or added', () => {
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

  it('outlives a change of keys by as long as its key is listed', () => {
    const token = signLink(keys, claims);
    expect(verifyLink(parseLinkKeys(`${k2},${k1}`), token, 'accept', now)).toEqual(claims);
    expect(verifyLink(parseLinkKeys(k2), token, 'accept', now)).toBeUndefined();
  });

  it('cannot borrow the id of another key', () => {
    const [, payload, mac] = signLink(parseLinkKeys(k2), claims).split('.');
    expect(verifyLink(parseLinkKeys(`${k1},${k2}`), `k1.${payload}.${mac}`, 'accept', now)).toBeUndefined();
  });

  it('is not found in anything else, however it looks', () => {
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
