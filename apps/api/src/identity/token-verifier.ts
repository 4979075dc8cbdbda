import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { MEMBER_ID } from '#libs/contracts';
import { unavailable } from '../http/problem.js';
import type { Identity } from './identity.js';

/** Signatures with a public key only: with a shared secret, every verifier could sign. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'];

/** Clocks of issuer and verifier may differ by this much, in seconds. */
const CLOCK_TOLERANCE = 5;

export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
}

/** Tells who holds a token. */
export class TokenVerifier {
  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly expected: TokenIssuer,
  ) {}

  /**
   * The member to whom the issuer gave the token; undefined for any token that is not good, whatever is wrong with it.
   * @throws Problem 503 when the issuer's keys cannot be had
   */
  async verify(token: string): Promise<Identity | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        ...this.expected,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE,
      });
      return identityIn(payload);
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
