import { createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigError } from '#libs/platform';
import { decrypt, encrypt } from './aes-gcm.js';

/** A key that wraps the authors' keys. It is in the environment, and never in the database. */
export interface WrappingKey {
  readonly id: string;
  readonly secret: KeyObject;
}

/** The first key wraps new keys, and all unwrap: a key stays listed until no row names it. */
export type WrappingKeys = readonly [WrappingKey, ...WrappingKey[]];

/** A key as its row holds it. */
export interface WrappedKey {
  readonly wrappingKey: string;
  readonly wrapped: Uint8Array;
}

const KEY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]+)$/;

/** The length of a key of AES-256. */
export const KEY_BYTES = 32;

/**
 * Parses keys that are written as `keyId:base64url-secret[,keyId:secret…]`.
 * @throws ConfigError that names key ids and never a secret
 */
export function parseWrappingKeys(env: string): WrappingKeys {
  const [first, ...others] = env.split(',').map((key, index) => parseKey(key.trim(), index + 1));
  const ids = [first!, ...others].map(({ id }) => id);
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  if (duplicate !== undefined) throw new ConfigError(`TEXT_KEYS names the key ${duplicate} twice`);
  return [first!, ...others];
}

function parseKey(text: string, ordinal: number): WrappingKey {
  const [, id, encoded] = KEY.exec(text) ?? [];
  if (id === undefined || encoded === undefined) {
    throw new ConfigError(`TEXT_KEYS: key number ${ordinal} is not written as keyId:base64url-secret`);
  }
  const secret = Buffer.from(encoded, 'base64url');
  if (secret.length !== KEY_BYTES) {
    throw new ConfigError(`TEXT_KEYS: the secret of ${id} does not have ${KEY_BYTES} bytes`);
  }
  return { id, secret: createSecretKey(secret) };
}

/** The author is part of the context, so a wrapped key that was copied to another author's row does not unwrap. */
const contextOf = (authorId: string): string => `author-key\0${authorId}`;

/** Encrypts an author's key with the first wrapping key. */
export function wrapKey([{ id, secret }]: WrappingKeys, authorId: string, key: Uint8Array): WrappedKey {
  return { wrappingKey: id, wrapped: encrypt(secret, key, contextOf(authorId)) };
}

/** The author's key cannot be unwrapped: TEXT_KEYS lacks the key that wraps it, or has another secret for it. */
export class WrappingKeyMissingError extends Error {
  constructor(wrappingKey: string, isListed: boolean) {
    super(
      isListed
        ? `an author's key cannot be unwrapped with the key ${wrappingKey}: TEXT_KEYS has another secret for it, or the row was changed`
        : `TEXT_KEYS does not list the key ${wrappingKey}, which wraps authors' keys in the database`,
    );
  }
}

/** @throws WrappingKeyMissingError */
export function unwrapKey(
  keys: readonly WrappingKey[],
  authorId: string,
  { wrappingKey, wrapped }: WrappedKey,
): Buffer {
  const key = keys.find(({ id }) => id === wrappingKey);
  const unwrapped = key && decrypt(key.secret, wrapped, contextOf(authorId));
  if (unwrapped === undefined) throw new WrappingKeyMissingError(wrappingKey, key !== undefined);
  return unwrapped;
}
