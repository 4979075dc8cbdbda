import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { ConfigError } from '#libs/platform';
import { openKeySet } from './key-set.js';
import { TokenVerifier } from './token-verifier.js';

const expected = { issuer: 'https://sign-in.example', audience: 'invitations' };
const keys: Record<string, { privateKey: CryptoKey; publicKey: CryptoKey }> = {};
let jwks: string;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jwks-'));
  const set = [];
  for (const alg of ['EdDSA', 'ES256', 'RS256']) {
    const pair = (keys[alg] = await generateKeyPair(alg, { extractable: true }));
    set.push({ ...(await exportJWK(pair.publicKey)), kid: alg });
  }
  jwks = JSON.stringify({ keys: set });
  await writeFile(join(directory, 'jwks.json'), jwks);
});
afterAll(() => rm(directory, { recursive: true }));

const sign = (alg: string, claims: object = {}) =>
  new SignJWT({ sub: 'bob', ...claims })
    .setProtectedHeader({ alg, kid: alg })
    .setIssuer(expected.issuer)
    .setAudience(expected.audience)
    .setExpirationTime('1m')
    .sign(keys[alg]!.privateKey);

const verifierAt = async (location: string) => new TokenVerifier(await openKeySet(location), expected);

describe('a token', () => {
  it.each(['EdDSA', 'ES256', 'RS256'])('signed with %s names the member', async (alg) => {
    const verifier = await verifierAt(join(directory, 'jwks.json'));
    expect(await verifier.verify(await sign(alg))).toEqual({ memberId: 'bob', operator: false });
  });

  it('may make its holder an operator, by a whole word of its scope', async () => {
    const verifier = await verifierAt(pathToFileURL(join(directory, 'jwks.json')).href);
    const operator = async (scope: unknown) =>
      (await verifier.verify(await sign('EdDSA', { scope })))?.operator;
    expect(await operator('member operator')).toBe(true);
    for (const scope of ['operators', 'OPERATOR', '', ['operator'], { operator: true }]) {
      expect(await operator(scope)).toBe(false);
    }
  });
});

describe('the key set', () => {
  it('is fetched where it is on the web; while it is out of reach no token is called bad', async () => {
    let status = 500;
    const server = createServer((_request, response) => response.writeHead(status).end(jwks));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    const verifier = await verifierAt(location);
    const token = await sign('ES256');
    await expect(verifier.verify(token)).rejects.toMatchObject({ status: 503 });
    status = 200;
    expect(await verifier.verify(token)).toEqual({ memberId: 'bob', operator: false });
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await expect((await verifierAt(location)).verify(token)).rejects.toMatchObject({ status: 503 });
  });

  it('stops the start when its file is missing or none', async () => {
    await expect(openKeySet(join(directory, 'missing.json'))).rejects.toThrow(ConfigError);
    await writeFile(join(directory, 'none.json'), '{"keys":1}');
    await expect(openKeySet(join(directory, 'none.json'))).rejects.toThrow(ConfigError);
  });
});
