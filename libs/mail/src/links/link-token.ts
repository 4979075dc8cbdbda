import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { claimsFrom, payloadOf, type LinkClaims, type LinkPurpose } from './link-claims.js';
import type { LinkKey, LinkKeys } from './link-keys.js';

/** Longer than any that is signed; what is longer is not even hashed. */
const LONGEST_TOKEN = 1024;

/** A token for an e-mail's link, safe in a URL: `<keyId>.<payload>.<mac>` (D12). */
export function signLink([key]: LinkKeys, claims: LinkClaims): string {
  const payload = payloadOf(claims);
  return `${key.id}.${payload}.${macOf(key, payload)}`;
}

/** What a token of ours claims, for this purpose, before it expires; undefined for all else, whatever is wrong with it. */
export function verifyLink(
  keys: LinkKeys,
  token: string,
  purpose: LinkPurpose,
  now: Date,
): LinkClaims | undefined {
  if (token.length > LONGEST_TOKEN) return undefined;
  const [keyId, payload, mac, ...rest] = token.split('.');
  if (keyId === undefined || payload === undefined || mac === undefined || rest.length > 0) return undefined;
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined || !equal(mac, macOf(key, payload))) return undefined;
  const claims = claimsFrom(payload);
  return claims.purpose === purpose && now < claims.expiresAt ? claims : undefined;
}

/** To prepare a secret takes longer than to sign with it. */
const prepared = new WeakMap<LinkKey, KeyObject>();

function macOf(key: LinkKey, payload: string): string {
  let secret = prepared.get(key);
  if (secret === undefined) prepared.set(key, (secret = createSecretKey(key.secret)));
  return createHmac('sha256', secret).update(`${key.id}.${payload}`).digest('base64url');
}

/** Compares the text, not the bytes it decodes to: base64url has several spellings of the same last byte. */
function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
