import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

const ITERATIONS = 4_096;
/** Channel binding, none: the base64 of `n,,`. */
const GS2_HEADER = 'n,,';

/** What a user has sent and what the next message must prove. */
export interface ScramExchange {
  readonly serverFirst: string;
  /** Returns the last message of the server, or undefined for a wrong password. */
  finish(clientFinal: string): string | undefined;
}

/**
 * The server's side of SCRAM (RFC 5802), without channel binding. A user who does not exist fails at the end, like one with a
 * wrong password.
 * @returns undefined when the message is not a client's first one
 */
export function startScram(
  digest: 'sha256' | 'sha512',
  passwordOf: (user: string) => string | undefined,
  clientFirst: string,
): ScramExchange | undefined {
  const [, bare, user, clientNonce] = /^n,,(n=([^,]+),r=([^,]+))$/.exec(clientFirst) ?? [];
  if (bare === undefined) return undefined;
  const password = passwordOf(user!.replaceAll('=2C', ',').replaceAll('=3D', '='));
  const salt = randomBytes(16);
  const nonce = clientNonce! + randomBytes(16).toString('hex');
  const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${ITERATIONS}`;
  const hash = (bytes: Buffer) => createHash(digest).update(bytes).digest();
  const hmac = (key: Buffer, text: string) => createHmac(digest, key).update(text).digest();
  return {
    serverFirst,
    finish(clientFinal) {
      const [, withoutProof, binding, sentNonce, proof] =
        /^(c=([^,]*),r=([^,]*)),p=(.*)$/.exec(clientFinal) ?? [];
      if (binding !== Buffer.from(GS2_HEADER).toString('base64') || sentNonce !== nonce) return undefined;
      const salted = pbkdf2Sync(password ?? randomBytes(16), salt, ITERATIONS, hash(salt).length, digest);
      const clientKey = hmac(salted, 'Client Key');
      const messages = `${bare},${serverFirst},${withoutProof}`;
      const signature = hmac(hash(clientKey), messages);
      const expected = clientKey.map((byte, index) => byte ^ signature[index]!);
      const given = Buffer.from(proof!, 'base64');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return `v=${hmac(hmac(salted, 'Server Key'), messages).toString('base64')}`;
    },
  };
}
