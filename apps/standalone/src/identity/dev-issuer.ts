import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { STATE } from '../state/state-directory.js';

/** The token issuer on this machine. In production it is the identity provider. */
export const ISSUER = 'http://standalone.invitations.localhost';
export const AUDIENCE = 'invitations';
const ALGORITHM = 'EdDSA';
const TOKEN_LIFETIME = '12h';

const FOLDER = join(STATE, 'identity');
const privateKeyIn = (stateDirectory: string) => join(stateDirectory, 'identity', 'private.jwk.json');
const PRIVATE_KEY = privateKeyIn(STATE);
/** The public key, which the api reads. */
export const JWKS_FILE = join(FOLDER, 'jwks.json');
const LINK_KEY = join(FOLDER, 'link-keys.txt');
const INTERNAL_SECRET = join(FOLDER, 'internal-secret.txt');
const TEXT_KEYS = join(FOLDER, 'text-keys.txt');

/** The secrets of the apps. */
export interface AppSecrets {
  readonly linkKeys: string;
  readonly internalSecret: string;
  readonly textKeys: string;
}

/** Creates the keys of this state directory, unless they exist: tokens, links and members' texts survive a restart. */
export async function ensureKeys(): Promise<AppSecrets> {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = randomBytes(6).toString('hex');
  if (
    await writeIfMissing(
      PRIVATE_KEY,
      JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg: ALGORITHM }),
    )
  ) {
    const key = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' };
    await writeFile(JWKS_FILE, JSON.stringify({ keys: [key] }));
  }
  await writeIfMissing(LINK_KEY, `l1:${randomBytes(32).toString('base64url')}`);
  await writeIfMissing(INTERNAL_SECRET, randomBytes(32).toString('base64url'));
  await writeIfMissing(TEXT_KEYS, `t1:${randomBytes(32).toString('base64url')}`);
  return {
    linkKeys: await readFile(LINK_KEY, 'utf8'),
    internalSecret: await readFile(INTERNAL_SECRET, 'utf8'),
    textKeys: await readFile(TEXT_KEYS, 'utf8'),
  };
}

/** Returns the keys that wrap the keys of authors; undefined if the standalone service has never run with them. */
export const readTextKeys = (): Promise<string | undefined> =>
  readFile(TEXT_KEYS, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

/**
 * Issues a token for a sample member.
 * @throws when the standalone service has never run in this state directory
 */
export async function issueToken(
  memberId: string,
  scope?: 'operator',
  stateDirectory = STATE,
): Promise<string> {
  const jwk = JSON.parse(await readFile(privateKeyIn(stateDirectory), 'utf8')) as JWK;
  const token = new SignJWT(scope === undefined ? {} : { scope })
    .setProtectedHeader({ alg: ALGORITHM, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(memberId)
    .setIssuedAt()
    .setExpirationTime(TOKEN_LIFETIME);
  return token.sign(await importJWK(jwk, ALGORITHM));
}

async function writeIfMissing(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
