import { writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const ISSUER = 'https://sign-in.example';
const AUDIENCE = 'invitations';

/** An identity provider, whose key set is a file. */
export interface Issuer {
  /** What the api is to know of it. */
  readonly env: Readonly<Record<string, string>>;
  readonly token: (sub: string, scope?: string) => Promise<string>;
}

/** @param file where the key set is put */
export async function issuerWith(file: string): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  await writeFile(
    file,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] }),
  );
  return {
    env: { AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE, AUTH_JWKS: file },
    token: (sub, scope) =>
      new SignJWT({ sub, ...(scope === undefined ? {} : { scope }) })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setExpirationTime('2h')
        .sign(privateKey),
  };
}
