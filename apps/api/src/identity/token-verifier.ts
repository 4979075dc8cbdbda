import { createHash } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { MEMBER_ID } from '#libs/contracts';
import { unavailable } from '../http/problem.js';
import type { Identity } from './identity.js';

/** Signatures with a public key only: with a shared secret, every verifier could sign. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'];

/** Clocks of issuer and verifier may differ by this much, in seconds. */
const CLOCK_TOLERANCE = 5;

/** How long a token that was good is taken for it, in milliseconds: as much later a key that the issuer drops is noticed. */
const KNOWN_FOR_MS = 60_000;
const MOST_KNOWN = 20_000;

export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
}

/**
 * Tells who holds a token. Checking a signature costs several times what reading an inbox does, so good tokens are
 * remembered, by their digest; bad ones are not: anyone can make those.
 */
export class TokenVerifier {
  private readonly known = new LRUCache<string, { readonly identity: Identity; readonly until: number }>({
    max: MOST_KNOWN,
  });

  /** @param now in milliseconds */
  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly expected: TokenIssuer,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * The member to whom the issuer gave the token; undefined for any token that is not good, whatever is wrong with it.
   * @throws Problem 503 when the issuer's keys cannot be had
   */
  async verify(token: string): Promise<Identity | undefined> {
    const digest = createHash('sha256').update(token).digest('base64url');
    const known = this.known.get(digest);
    if (known !== undefined && this.now() < known.until) return known.identity;
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        ...this.expected,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE,
        currentDate: new Date(this.now()),
      });
      const identity = identityIn(payload);
      const until = Math.min(payload.exp! * 1_000, this.now() + KNOWN_FOR_MS);
      if (identity !== undefined) this.known.set(digest, { identity, until });
      return identity;
    } catch (error) {
      if (keysAreMissing(error)) throw unavailable(error);
      return undefined;
    }
  }
}

function identityIn({ sub, scope }: JWTPayload): Identity | undefined {
  if (typeof sub !== 'string' || !MEMBER_ID.test(sub)) return undefined;
  return { memberId: sub, operator: typeof scope === 'string' && scope.split(' ').includes('operator') };
}

/** The key set did not answer, or not with a key set: no fault of the token. */
function keysAreMissing(error: unknown): boolean {
  return (
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  );
}
