import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { STATE } from '../paths.js';

/** Who signs tokens on this machine. A production has its identity provider's issuer here. */
export const ISSUER = 'http://standalone.invitations.localhost';
export const AUDIENCE = 'invitations';
const ALGORITHM = 'EdDSA';
const TOKEN_LIFE = '12h';

const FOLDER = join(STATE, 'identity');
const PRIVATE_KEY = join(FOLDER, 'private.jwk.json');
/** The public half, as the api reads it. */
export const JWKS_FILE = join(FOLDER, 'jwks.json');
const LINK_KEY = join(FOLDER, 'link-keys.txt');

/** Makes the keys of this state directory, unless it has them: tokens and links survive a restart. */
export async function ensureKeys(): Promise<{ linkKeys: string }> {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = randomBytes(6).toString('hex');
  if (
    await createdOnce(PRIVATE_KEY, JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg: ALGORITHM }))
  ) {
    const key = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' };
    await writeFile(JWKS_FILE, JSON.stringify({ keys: [key] }));
  }
  await createdOnce(LINK_KEY, `l1:${randomBytes(32).toString('base64url')}`);
  return { linkKeys: await readFile(LINK_KEY, 'utf8') };
}

/**
 * A token for a member of the sample network.
 * @throws when the standalone service has never run here
 */
export async function issueToken(memberId: string, scope?: 'operator'): Promise<string> {
  const jwk = JSON.parse(await readFile(PRIVATE_KEY, 'utf8')) as JWK;
  const token = new SignJWT(scope === undefined ? {} : { scope })
    .setProtectedHeader({ alg: ALGORITHM, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(memberId)
    .setIssuedAt()
    .setExpirationTime(TOKEN_LIFE);
  return token.sign(await importJWK(jwk, ALGORITHM));
}

async function createdOnce(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
