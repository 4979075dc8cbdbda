import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { ConfigError } from '#libs/platform';

/** How often a remote key set is fetched again, and how long to wait between two fetches. In milliseconds. */
const REFRESH_INTERVAL_MS = 600_000;
const MIN_REFETCH_INTERVAL_MS = 10_000;

/** Finds the key that signed a token. */
export interface KeySet extends JWTVerifyGetKey {
  /**
   * Fetches the keys again, unless that was just done: forged tokens must not cause a fetch each.
   * @returns whether there may be new keys
   * @throws when the keys cannot be fetched
   */
  refetch?(): Promise<boolean>;
}

/**
 * Opens the issuer's keys. A file is read once. A remote set is fetched when it is first needed, when no known key
 * matches a token, and every ten minutes.
 * @param location an http(s) URL, a file URL or a path
 * @param now returns milliseconds of a clock that is never set back
 * @throws ConfigError when a file cannot be read or is not a key set
 */
export async function openKeySet(
  location: string,
  now: () => number = () => performance.now(),
): Promise<KeySet> {
  if (/^https?:/.test(location)) return createRemoteKeySet(new URL(location), now);
  try {
    const text = await readFile(location.startsWith('file:') ? new URL(location) : location, 'utf8');
    return createLocalJWKSet(withOneEd25519Name(JSON.parse(text)) as JSONWebKeySet);
  } catch (error) {
    throw new ConfigError('AUTH_JWKS is not a readable JSON Web Key Set', { cause: error });
  }
}

/**
 * The algorithm of Ed25519 keys has two names: `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864). An issuer may use one for its
 * keys and the other for its tokens, and the library compares the names. Without a name, a key matches both.
 */
function withOneEd25519Name(keySet: unknown): unknown {
  const { keys } = (keySet ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) return keySet;
  return { ...(keySet as object), keys: keys.map(withoutEd25519Name) };
}

function withoutEd25519Name(key: unknown): unknown {
  const { alg, ...rest } = (key ?? {}) as { alg?: unknown; crv?: unknown };
  return rest.crv === 'Ed25519' && (alg === 'EdDSA' || alg === 'Ed25519') ? rest : key;
}

/** @throws when the response is not JSON */
async function fetchKeySet(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  return response.status === 200 ? Response.json(withOneEd25519Name(await response.json())) : response;
}

/**
 * Keeps using the known keys while the issuer is unreachable, so that its outage locks out nobody who has a token.
 * The keys never expire, but are fetched again in the background, without a request waiting for that.
 */
function createRemoteKeySet(url: URL, now: () => number): KeySet {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: 2_000,
    // The library's cooldown does not count failed fetches: forged tokens could cause a fetch each.
    cooldownDuration: Infinity,
    cacheMaxAge: Infinity,
    [customFetch]: fetchKeySet,
  });
  let renewAt = now() + REFRESH_INTERVAL_MS;
  let refetchAt = now();
  let failure: unknown;
  const fetchAgain = (): Promise<void> => {
    refetchAt = now() + MIN_REFETCH_INTERVAL_MS;
    return keys.reload().then(
      () => {
        failure = undefined;
        renewAt = now() + REFRESH_INTERVAL_MS;
      },
      (error: unknown) => {
        failure = error;
        throw error;
      },
    );
  };
  const find: JWTVerifyGetKey = (header, token) => {
    if (now() >= renewAt && keys.jwks() !== undefined) {
      renewAt = now() + MIN_REFETCH_INTERVAL_MS;
      fetchAgain().catch(() => undefined);
    }
    return keys(header, token);
  };
  return Object.assign(find, {
    async refetch(): Promise<boolean> {
      if (now() >= refetchAt) return fetchAgain().then(() => true);
      // The issuer may have such a key by now, so this is not the token's fault.
      if (failure !== undefined) throw failure;
      return false;
    },
  });
}
