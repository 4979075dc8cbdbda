import { writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const ISSUER = 'https://sign-in.example';
const AUDIENCE = 'invitations';

/** An identity provider, whose key set is a file. */
export interface Issuer {
  /** The api's variables for this issuer. */
  readonly env: Readonly<Record<string, string>>;
  readonly token: (sub: string, scope?: string) => Promise<string>;
}

/** @param file the path of the key set */
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
