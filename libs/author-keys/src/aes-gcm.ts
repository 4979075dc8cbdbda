import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
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
export function encrypt(key: KeyObject, plain: Uint8Array, context: string): Buffer {
  const iv = drawIv();
  const cipher = createCipheriv(ALGORITHM, key, iv);
  cipher.setAAD(Buffer.from(context));
  const encrypted = cipher.update(plain);
  cipher.final();
  return Buffer.concat([iv, encrypted, cipher.getAuthTag()]);
}

/** @returns undefined if the key or the context is another one, or the bytes were changed */
export function decrypt(key: KeyObject, sealed: Uint8Array, context: string): Buffer | undefined {
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
