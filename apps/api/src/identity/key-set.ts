import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { ConfigError } from '#libs/platform';

/**
 * The issuer's keys. A remote set is fetched when a token names a key that is not known yet, a file is read once.
 * @param location an http(s) URL, a file URL or a path
 * @throws ConfigError when a file cannot be read or is no key set
 */
export async function openKeySet(location: string): Promise<JWTVerifyGetKey> {
  if (/^https?:/.test(location)) {
    return createRemoteJWKSet(new URL(location), { timeoutDuration: 2_000, cooldownDuration: 10_000 });
  }
  try {
    const text = await readFile(location.startsWith('file:') ? new URL(location) : location, 'utf8');
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  } catch (error) {
    throw new ConfigError('AUTH_JWKS names no readable JSON Web Key Set', { cause: error });
  }
}
