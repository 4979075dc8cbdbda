import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { ConfigError } from '#libs/platform';

/** What a token may be used for. A token is valid for one purpose only. */
export type LinkPurpose = 'accept' | 'preferences' | 'unsubscribe';

/** The kinds of e-mail that a member can turn off in the preferences (D13). */
export type EmailKind = 'invitations' | 'reminders' | 'acceptances' | 'replies';

/** What the holder of a link may do without signing in. */
export interface LinkClaims {
  readonly purpose: LinkPurpose;
  /** The member on whose behalf the link acts: the recipient of the e-mail. */
  readonly memberId: string;
  /** The invitation that an `accept` link accepts. */
  readonly invitationId?: string;
  /**
   * A moment at which that invitation was open. The link leads to a follow-up only if no invitation of the two members was
   * withdrawn, or has expired, that was sent later (D16). A link without it leads to a follow-up only if there never was one.
   */
  readonly openAt?: Date;
  /** The kind of e-mail that an `unsubscribe` link turns off; all e-mail if it is absent. */
  readonly kind?: EmailKind;
  /** The first moment at which the link is no longer valid. */
  readonly expiresAt: Date;
}

/** The names are short because the token is part of a URL, and mail clients break long URLs. */
interface Payload {
  readonly p: LinkPurpose;
  readonly m: string;
  readonly i?: string | undefined;
  readonly k?: EmailKind | undefined;
  /** Milliseconds since 1970. */
  readonly o?: number | undefined;
  /** Milliseconds since 1970. */
  readonly e: number;
}

function encodePayload({ purpose, memberId, invitationId, openAt, kind, expiresAt }: LinkClaims): string {
  const payload: Payload = {
    p: purpose,
    m: memberId,
    i: invitationId,
    k: kind,
    o: openAt?.getTime(),
    e: expiresAt.getTime(),
  };
  return Buffer.from(JSON.stringify(payload)).toString('base64url');
}

/** Decodes a payload. Its signature must have been verified, so its shape is not validated. */
function decodePayload(encoded: string): LinkClaims {
  const { p, m, i, k, o, e } = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as Payload;
  return {
    purpose: p,
    memberId: m,
    ...(i === undefined ? {} : { invitationId: i }),
    ...(k === undefined ? {} : { kind: k }),
    ...(o === undefined ? {} : { openAt: new Date(o) }),
    expiresAt: new Date(e),
  };
}

export interface LinkKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** The first key signs and all verify, so a link stays valid while the key that signed it is listed. */
export type LinkKeys = readonly [LinkKey, ...LinkKey[]];

const KEY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]+)$/;

/** The output length of SHA-256. A shorter secret would be the weakest part of a link. */
const MIN_SECRET_BYTES = 32;

/**
 * Parses keys that are written as `keyId:base64url-secret[,keyId:secret…]`.
 * @throws ConfigError that names key ids and never a secret
 */
export function parseLinkKeys(env: string): LinkKeys {
  const [first, ...others] = env.split(',').map((key, index) => parseKey(key.trim(), index + 1));
  if (first === undefined) throw new ConfigError('LINK_KEYS is empty');
  const ids = [first, ...others].map(({ id }) => id);
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  if (duplicate !== undefined) throw new ConfigError(`LINK_KEYS names the key ${duplicate} twice`);
  return [first, ...others];
}

function parseKey(text: string, ordinal: number): LinkKey {
  const [, id, encoded] = KEY.exec(text) ?? [];
  if (id === undefined || encoded === undefined) {
    throw new ConfigError(`LINK_KEYS: key number ${ordinal} is not written as keyId:base64url-secret`);
  }
  const secret = Buffer.from(encoded, 'base64url');
  if (secret.length < MIN_SECRET_BYTES) {
    throw new ConfigError(`LINK_KEYS: the secret of ${id} has fewer than ${MIN_SECRET_BYTES} bytes`);
  }
  return { id, secret };
}

/** Longer than any token that we sign. A longer text is rejected before it is hashed. */
const MAX_TOKEN_LENGTH = 1024;

/** Creates a token for a link, safe in a URL: `<keyId>.<payload>.<mac>` (D12). */
export function signLink([key]: LinkKeys, claims: LinkClaims): string {
  const payload = encodePayload(claims);
  return `${key.id}.${payload}.${computeMac(key, payload)}`;
}

/** The claims of a token; undefined if it is invalid, expired, or for another purpose. */
export function verifyLink(
  keys: LinkKeys,
  token: string,
  purpose: LinkPurpose,
  now: Date,
): LinkClaims | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const [keyId, payload, mac, ...rest] = token.split('.');
  if (keyId === undefined || payload === undefined || mac === undefined || rest.length > 0) return undefined;
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined || !equals(mac, computeMac(key, payload))) return undefined;
  const claims = decodePayload(payload);
  return claims.purpose === purpose && now < claims.expiresAt ? claims : undefined;
}

/** Creating a KeyObject takes longer than signing with it. */
const keyObjects = new WeakMap<LinkKey, KeyObject>();

function computeMac(key: LinkKey, payload: string): string {
  let secret = keyObjects.get(key);
  if (secret === undefined) keyObjects.set(key, (secret = createSecretKey(key.secret)));
  return createHmac('sha256', secret).update(`${key.id}.${payload}`).digest('base64url');
}

/** Compares the texts, not the decoded bytes: base64url can encode the same last byte in several ways. */
function equals(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
