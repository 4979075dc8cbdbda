import { createHash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import { MEMBER_ID } from '#libs/contracts';
import type { ApiConfig } from '../config/api.config.js';
import { serviceUnavailable } from '../http/problem.js';
import type { Identity } from './identity.js';
import { openKeySet, type KeySet } from './key-set.js';

/** Public-key signatures only: with a shared secret, every verifier could sign tokens. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'];

/** The allowed difference between the clocks of issuer and verifier. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** How long a verified token is cached. A key that the issuer drops stays valid for this long. */
const CACHE_TTL_MS = 60_000;
const MAX_CACHED_TOKENS = 20_000;

/** Bounds the signature checks for one token, which anybody can forge. */
const MAX_KEYS_TRIED = 8;

interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
}

/**
 * Verifies tokens. Checking a signature takes several times as long as reading an inbox, so valid tokens are cached
 * by their digest. Invalid ones are not: anybody can make those.
 */
export class TokenVerifier {
  private readonly cache = new LRUCache<string, { readonly identity: Identity; readonly until: number }>({
    max: MAX_CACHED_TOKENS,
  });

  /** @param now returns milliseconds since 1970 */
  constructor(
    private readonly keys: KeySet,
    private readonly expected: TokenIssuer,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Returns the member to whom the issuer gave the token; undefined for every invalid token, whatever is wrong with
   * it.
   * @throws ProblemError 503 when the issuer's keys cannot be fetched
   */
  async verify(token: string): Promise<Identity | undefined> {
    const digest = createHash('sha256').update(token).digest('base64url');
    const known = this.cache.get(digest);
    if (known !== undefined && this.now() < known.until) return known.identity;
    try {
      const payload = await this.verifyPayload(token);
      const identity = toIdentity(payload);
      const until = Math.min(payload.exp! * 1_000, this.now() + CACHE_TTL_MS);
      if (identity !== undefined) this.cache.set(digest, { identity, until });
      return identity;
    } catch (error) {
      if (areKeysUnavailable(error)) throw serviceUnavailable(error);
      return undefined;
    }
  }

  /**
   * Returns the payload of a token whose signature and claims are valid.
   * @throws for any other token, and when the keys cannot be fetched
   */
  private async verifyPayload(token: string): Promise<JWTPayload> {
    try {
      return await this.verifyWithAnyKey(token);
    } catch (error) {
      if (!mayUseNewKey(error, token) || !(await this.keys.refetch?.())) throw error;
      return this.verifyWithAnyKey(token);
    }
  }

  private async verifyWithAnyKey(token: string): Promise<JWTPayload> {
    const options: JWTVerifyOptions = {
      ...this.expected,
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(this.now()),
    };
    try {
      return (await jwtVerify(token, this.keys, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // The token names no key, or several keys have that name: it is valid with any matching key.
      let tried = 0;
      for await (const key of error) {
        try {
          return (await jwtVerify(token, key, options)).payload;
        } catch (failure) {
          if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
        }
        tried += 1;
        if (tried === MAX_KEYS_TRIED) break;
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }
}

/** @throws ConfigError when the issuer's keys are in a file that cannot be read */
export async function createTokenVerifier(config: ApiConfig): Promise<TokenVerifier> {
  const { AUTH_JWKS, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = config;
  return new TokenVerifier(await openKeySet(AUTH_JWKS), { issuer, audience });
}

/**
 * Whether a newly fetched key could verify the token: no known key matches it, or the token names no key and no known
 * key verified it.
 */
function mayUseNewKey(error: unknown, token: string): boolean {
  if (error instanceof errors.JWKSNoMatchingKey) return true;
  return (
    error instanceof errors.JWSSignatureVerificationFailed && decodeProtectedHeader(token).kid === undefined
  );
}

function toIdentity({ sub, scope }: JWTPayload): Identity | undefined {
  if (typeof sub !== 'string' || !MEMBER_ID.test(sub)) return undefined;
  return { memberId: sub, operator: typeof scope === 'string' && scope.split(' ').includes('operator') };
}

/** Whether the keys could not be fetched, which is not the token's fault. */
function areKeysUnavailable(error: unknown): boolean {
  return (
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  );
}
