import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { ConfigError } from '#libs/platform';

/** How long a fetched set is as good as new, and how long an issuer that does not answer is left alone. In milliseconds. */
const RENEWED_EVERY_MS = 600_000;
const TRIED_AGAIN_AFTER_MS = 10_000;

/**
 * The issuer's keys. A file is read once. A remote set is fetched when it is first needed, when a token names a key that is
 * not known yet, and every ten minutes.
 * @param location an http(s) URL, a file URL or a path
 * @param now in milliseconds
 * @throws ConfigError when a file cannot be read or is no key set
 */
export async function openKeySet(location: string, now: () => number = Date.now): Promise<JWTVerifyGetKey> {
  if (/^https?:/.test(location)) return remoteKeySet(new URL(location), now);
  try {
    const text = await readFile(location.startsWith('file:') ? new URL(location) : location, 'utf8');
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  } catch (error) {
    throw new ConfigError('AUTH_JWKS names no readable JSON Web Key Set', { cause: error });
  }
}

/**
 * The keys that are known stay good while the issuer is out of reach: its outage is to lock nobody out who has a token.
 * So they never go stale, but are fetched anew beside the requests, none of which waits for that.
 */
function remoteKeySet(url: URL, now: () => number): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: 2_000,
    cooldownDuration: TRIED_AGAIN_AFTER_MS,
    cacheMaxAge: Infinity,
  });
  let renewAt = now() + RENEWED_EVERY_MS;
  return (header, token) => {
    if (now() >= renewAt && keys.jwks() !== undefined) {
      renewAt = now() + TRIED_AGAIN_AFTER_MS;
      keys.reload().then(
        () => (renewAt = now() + RENEWED_EVERY_MS),
        () => undefined,
      );
    }
    return keys(header, token);
  };
}
