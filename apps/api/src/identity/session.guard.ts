import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiConfig } from '../config/api.config.js';
import { ProblemError } from '../http/problem.js';
import { LocalRateLimiter } from '../rate-limits/local-rate-limiter.js';
import { setIdentity } from './identity.js';
import { TokenVerifier } from './token-verifier.js';

/** Admits members who are signed in with a browser. */
@Injectable()
export class SessionGuard implements CanActivate {
  private readonly cookie: RegExp;

  constructor(
    config: ApiConfig,
    private readonly verifier: TokenVerifier,
    private readonly limits: LocalRateLimiter,
  ) {
    this.cookie = sessionCookiePattern(config);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = this.cookie.exec(request.headers.cookie ?? '')?.[1];
    const identity = token === undefined ? undefined : await this.verifier.verify(token);
    if (identity === undefined)
      throw new ProblemError(401, 'UNAUTHENTICATED', { 'www-authenticate': 'Bearer' });
    setIdentity(request, identity);
    this.limits.consumeForMember(identity.memberId);
    return true;
  }
}

/**
 * Browsers accept a cookie of this name only from this host itself, over an encrypted connection and for all paths.
 * No parent domain or sibling host can set it, so nobody can sign a member in as somebody else.
 */
const SESSION_COOKIE = '__Host-session';

/** Some browsers reject a `Secure` cookie from http://127.0.0.1. Production configurations have no such address. */
const DEVELOPMENT_SESSION_COOKIE = 'session';

const sessionCookieName = ({ PUBLIC_URL }: Pick<ApiConfig, 'PUBLIC_URL'>): string =>
  /^https:/i.test(PUBLIC_URL) ? SESSION_COOKIE : DEVELOPMENT_SESSION_COOKIE;

/** Formats a `Set-Cookie` header that deletes the session. A `__Host-` cookie is only deleted with its own attributes. */
export const clearSessionCookie = (config: Pick<ApiConfig, 'PUBLIC_URL'>): string => {
  const name = sessionCookieName(config);
  return `${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${name === SESSION_COOKIE ? '; Secure' : ''}`;
};

/** Matches the session token in a `Cookie` header as its first group. */
const sessionCookiePattern = (config: Pick<ApiConfig, 'PUBLIC_URL'>): RegExp =>
  new RegExp(`(?:^|; ?)${sessionCookieName(config)}=([A-Za-z0-9._~+/-]+=*)(?:;|$)`);

/**
 * Admits only forms of this app's own pages: a browser sends the cookie with a form of any site. Browsers send the
 * origin of a form; a request without one, or with `null`, is rejected.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  private readonly origin: string;

  constructor({ PUBLIC_URL }: ApiConfig) {
    this.origin = new URL(PUBLIC_URL).origin;
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const site = headers['sec-fetch-site'];
    if (site === undefined ? headers.origin === this.origin : site === 'same-origin') return true;
    throw new ProblemError(403, 'FORBIDDEN');
  }
}
