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
import { until } from '../../../../test/support/until.js';
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

const sign = (alg: string, claims: object = {}, expires: number | string = '1m') =>
  new SignJWT({ sub: 'bob', ...claims })
    .setProtectedHeader({ alg, kid: alg })
    .setIssuer(expected.issuer)
    .setAudience(expected.audience)
    .setExpirationTime(expires)
    .sign(keys[alg]!.privateKey);

const verifierAt = async (location: string, now?: () => number) =>
  new TokenVerifier(await openKeySet(location, now), expected, now);

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

describe('a token that was good', () => {
  it('is one until it ends, and looked at again each minute', async () => {
    let clock = Date.parse('2026-01-01T00:00:00.000Z');
    let looks = 0;
    const keySet = await openKeySet(join(directory, 'jwks.json'));
    const counting: typeof keySet = (header, token) => {
      looks += 1;
      return keySet(header, token);
    };
    const verifier = new TokenVerifier(counting, expected, () => clock);
    const exp = clock / 1_000 + 90;
    const token = await sign('EdDSA', {}, exp);
    const after = async (seconds: number) => {
      clock += seconds * 1_000;
      return (await verifier.verify(token))?.memberId;
    };
    expect([await after(0), await after(59), looks]).toEqual(['bob', 'bob', 1]);
    expect([await after(1), await after(29), looks]).toEqual(['bob', 'bob', 2]);
    // Clocks may differ by five seconds.
    expect([await after(1), looks]).toEqual(['bob', 3]);
    expect([await after(5), looks]).toEqual([undefined, 4]);
  });

  it('makes no other one good: not with another signature, nor with another payload', async () => {
    const verifier = await verifierAt(join(directory, 'jwks.json'));
    const token = await sign('EdDSA');
    expect(await verifier.verify(token)).toBeDefined();
    const [header, payload, signature] = token.split('.');
    const other = Buffer.from(JSON.stringify({ sub: 'ann' })).toString('base64url');
    for (const forged of [`${header}.${payload}.`, `${header}.${other}.${signature}`, `${token}A`]) {
      expect(await verifier.verify(forged)).toBeUndefined();
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

  it('is good while its issuer is out of reach, however long; what the issuer has dropped is not', async () => {
    const answers = { status: 200, body: jwks, count: 0 };
    const server = createServer((_request, response) => {
      answers.count += 1;
      response.writeHead(answers.status).end(answers.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    let clock = 0;
    const { port } = server.address() as AddressInfo;
    const verifier = await verifierAt(`http://127.0.0.1:${port}/jwks.json`, () => clock);
    const token = await sign('ES256');
    const bob = { memberId: 'bob', operator: false };
    const minuteLater = () => {
      clock += 60_000;
      return verifier.verify(token);
    };
    expect(await verifier.verify(token)).toEqual(bob);
    for (let minute = 1; minute < 10; minute += 1) expect(await minuteLater()).toEqual(bob);
    expect(answers.count).toBe(1);

    answers.status = 500;
    const triedInVain = async () => {
      expect(await minuteLater()).toEqual(bob);
      return answers.count > 3;
    };
    await until(triedInVain, 60_000, 'some tries to fetch the keys anew');

    answers.status = 200;
    answers.body = '{"keys":[]}';
    await until(async () => (await minuteLater()) === undefined, 60_000, 'the key to be dropped');
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('stops the start when its file is missing or none', async () => {
    await expect(openKeySet(join(directory, 'missing.json'))).rejects.toThrow(ConfigError);
    await writeFile(join(directory, 'none.json'), '{"keys":1}');
    await expect(openKeySet(join(directory, 'none.json'))).rejects.toThrow(ConfigError);
  });
});
