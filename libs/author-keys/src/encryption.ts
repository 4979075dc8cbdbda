import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';
import type { TextContext } from '#libs/event-store/read-only';

/*
 * Two layers of encryption (docs/adr/0020): a text of an event is encrypted with the key of its author, and that key is wrapped
 * with a key of the environment.
 */

/** Binds a ciphertext to its event: copied to another event, stream, field or author, it cannot be decrypted. */
const textContextOf = ({ authorId, streamId, eventId, field }: TextContext): string =>
  `text\0${authorId}\0${streamId}\0${eventId}\0${field}`;

/** Encrypts a text of an event with its author's key. */
export const sealText = (key: KeyObject, text: string, context: TextContext): string =>
  encrypt(key, Buffer.from(text), textContextOf(context)).toString('base64url');

/** @returns undefined if the key is another one, or the ciphertext was changed or copied from another event */
export const openText = (key: KeyObject, sealed: string, context: TextContext): string | undefined =>
  decrypt(key, Buffer.from(sealed, 'base64url'), textContextOf(context))?.toString();

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

/** Binds a wrapped key to its author: copied to another author's row, it does not unwrap. */
const keyContextOf = (authorId: string): string => `author-key\0${authorId}`;

/** Encrypts an author's key with the first wrapping key. */
export function wrapKey([{ id, secret }]: WrappingKeys, authorId: string, key: Uint8Array): WrappedKey {
  return { wrappingKey: id, wrapped: encrypt(secret, key, keyContextOf(authorId)) };
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
  const unwrapped = key && decrypt(key.secret, wrapped, keyContextOf(authorId));
  if (unwrapped === undefined) throw new WrappingKeyMissingError(wrappingKey, key !== undefined);
  return unwrapped;
}

const ALGORITHM = 'aes-256-gcm';
/** The length of a key of AES-256. */
export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Random bytes are drawn for many initialisation vectors at once, because a call of the random source costs more than it copies. */
const POOL = Buffer.alloc(IV_BYTES * 256);
let used = POOL.length;

/** @returns a part of the pool: copy it before the next one is drawn */
function drawIv(): Buffer {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += IV_BYTES;
  return POOL.subarray(used - IV_BYTES, used);
}

/**
 * Encrypts with AES-256-GCM under a random initialisation vector.
 * @param context is not stored; decryption fails with another one
 * @returns the initialisation vector, the ciphertext and the tag
 */
function encrypt(key: KeyObject, plain: Uint8Array, context: string): Buffer {
  const iv = drawIv();
  const cipher = createCipheriv(ALGORITHM, key, iv);
  cipher.setAAD(Buffer.from(context));
  const encrypted = cipher.update(plain);
  cipher.final();
  return Buffer.concat([iv, encrypted, cipher.getAuthTag()]);
}

/** @returns undefined if the key or the context is another one, or the bytes were changed */
function decrypt(key: KeyObject, sealed: Uint8Array, context: string): Buffer | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(end));
  try {
    const plain = decipher.update(sealed.subarray(IV_BYTES, end));
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}
