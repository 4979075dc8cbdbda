import { ConfigError } from '#libs/platform';

export interface LinkKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** The first signs; all verify, so that links outlive the key that signed them by as long as it stays listed. */
export type LinkKeys = readonly [LinkKey, ...LinkKey[]];

const KEY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]+)$/;

/** As long as the output of the hash: shorter ones would be the weakest part of a link. */
const LEAST_SECRET_BYTES = 32;

/**
 * The keys in `keyId:base64url-secret[,keyId:secret…]`.
 * @throws ConfigError, which names key ids and never a secret
 */
export function parseLinkKeys(env: string): LinkKeys {
  const [first, ...others] = env.split(',').map((key, index) => parseKey(key.trim(), index + 1));
  if (first === undefined) throw new ConfigError('LINK_KEYS is empty');
  const ids = [first, ...others].map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new ConfigError(`LINK_KEYS names the key ${twice} twice`);
  return [first, ...others];
}

function parseKey(text: string, place: number): LinkKey {
  const [, id, encoded] = KEY.exec(text) ?? [];
  if (id === undefined || encoded === undefined) {
    throw new ConfigError(`LINK_KEYS: key number ${place} is not written as keyId:base64url-secret`);
  }
  const secret = Buffer.from(encoded, 'base64url');
  if (secret.length < LEAST_SECRET_BYTES) {
    throw new ConfigError(`LINK_KEYS: the secret of ${id} has fewer than ${LEAST_SECRET_BYTES} bytes`);
  }
  return { id, secret };
}
