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

describe('TokenVerifier', () => {
  it.each(['EdDSA', 'ES256', 'RS256'])('returns the member of a token signed with %s', async (alg) => {
    const verifier = await verifierAt(join(directory, 'jwks.json'));
    expect(await verifier.verify(await sign(alg))).toEqual({ memberId: 'bob', operator: false });
  });

  it('recognises an operator by a whole word of the scope', async () => {
    const verifier = await verifierAt(pathToFileURL(join(directory, 'jwks.json')).href);
    const operator = async (scope: unknown) =>
      (await verifier.verify(await sign('EdDSA', { scope })))?.operator;
    expect(await operator('member operator')).toBe(true);
    for (const scope of ['operators', 'OPERATOR', '', ['operator'], { operator: true }]) {
      expect(await operator(scope)).toBe(false);
    }
  });
});

describe('the cache of TokenVerifier', () => {
  it('accepts a token until it expires, and verifies it again each minute', async () => {
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

  it('accepts no token with another signature or another payload', async () => {
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

describe('openKeySet', () => {
  it('fetches a remote set, and responds with 503 instead of rejecting a token while it is unreachable', async () => {
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

  it('keeps known keys while the issuer is unreachable, and drops a key that the issuer has dropped', async () => {
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

  it('throws when its file is missing or is not a key set', async () => {
    await expect(openKeySet(join(directory, 'missing.json'))).rejects.toThrow(ConfigError);
    await writeFile(join(directory, 'none.json'), '{"keys":1}');
    await expect(openKeySet(join(directory, 'none.json'))).rejects.toThrow(ConfigError);
  });
});

describe('a token without a key id', () => {
  type Pair = { privateKey: CryptoKey; publicKey: CryptoKey };
  const pairs = async (count: number, alg = 'ES256'): Promise<Pair[]> =>
    Promise.all(Array.from({ length: count }, () => generateKeyPair(alg, { extractable: true })));
  const jwk = async ({ publicKey }: Pair, more: object = {}) => ({
    ...(await exportJWK(publicKey)),
    ...more,
  });
  const unnamed = (pair: Pair, alg = 'ES256', expires = '1m') =>
    new SignJWT({ sub: 'bob' })
      .setProtectedHeader({ alg })
      .setIssuer(expected.issuer)
      .setAudience(expected.audience)
      .setExpirationTime(expires)
      .sign(pair.privateKey);
  const bob = { memberId: 'bob', operator: false };

  const verifierOf = async (keys: object[], now?: () => number) => {
    const file = join(directory, `${Math.random()}.json`);
    await writeFile(file, JSON.stringify({ keys }));
    return verifierAt(file, now);
  };

  it('is accepted with any matching key, and with several keys of one name', async () => {
    const three = await pairs(3);
    for (const name of [{}, { kid: 'k' }, { alg: 'ES256', use: 'sig' }]) {
      const verifier = await verifierOf(await Promise.all(three.map((pair) => jwk(pair, name))));
      for (const pair of three) expect(await verifier.verify(await unnamed(pair))).toEqual(bob);
      const [stranger] = await pairs(1);
      expect(await verifier.verify(await unnamed(stranger!))).toBeUndefined();
      expect(await verifier.verify(await unnamed(three[1]!, 'ES256', '-1m'))).toBeUndefined();
    }
  });

  it('is accepted with an Ed25519 key, whichever of its two names the key set and the token use', async () => {
    const [one, two] = await pairs(2, 'EdDSA');
    const keySet = { keys: [await jwk(one!, { alg: 'EdDSA' }), await jwk(two!, { alg: 'Ed25519' })] };
    const server = createServer((_request, response) => response.end(JSON.stringify(keySet)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [stranger] = await pairs(1, 'EdDSA');
    const remote = await verifierAt(`http://127.0.0.1:${port}/jwks.json`);
    for (const verifier of [await verifierOf(keySet.keys), remote]) {
      for (const name of ['EdDSA', 'Ed25519']) {
        for (const pair of [one!, two!])
          expect(await verifier.verify(await unnamed(pair, name))).toEqual(bob);
        expect(await verifier.verify(await unnamed(stranger!, name))).toBeUndefined();
      }
    }
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('is rejected with a key for another use, of another algorithm or of another type', async () => {
    const [one, two] = await pairs(2);
    const [rsa] = await pairs(1, 'RS256');
    for (const other of [{ use: 'enc' }, { key_ops: ['encrypt'] }, { alg: 'ES384' }]) {
      const verifier = await verifierOf([await jwk(one!, other), await jwk(two!), await jwk(rsa!)]);
      expect(await verifier.verify(await unnamed(one!))).toBeUndefined();
      expect(await verifier.verify(await unnamed(two!))).toEqual(bob);
      expect(await verifier.verify(await unnamed(rsa!, 'RS256'))).toEqual(bob);
    }
  });

  it('is tried with a limited number of keys', async () => {
    const many = await pairs(12);
    const verifier = await verifierOf(await Promise.all(many.map((pair) => jwk(pair))));
    expect(await verifier.verify(await unnamed(many[7]!))).toEqual(bob);
    expect(await verifier.verify(await unnamed(many[11]!))).toBeUndefined();
  });

  it('causes a fetch of the keys when none matches, at most once in ten seconds, even while fetching fails', async () => {
    const [old, fresh, stranger] = await pairs(3);
    const answers = { status: 200, keys: [await jwk(old!)], count: 0 };
    const server = createServer((_request, response) => {
      answers.count += 1;
      response.writeHead(answers.status).end(JSON.stringify({ keys: answers.keys }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    let clock = 0;
    const { port } = server.address() as AddressInfo;
    const verifier = await verifierAt(`http://127.0.0.1:${port}/jwks.json`, () => clock);
    const tokens = await Promise.all([unnamed(old!), unnamed(fresh!), unnamed(stranger!)]);
    const named = await new SignJWT({ sub: 'bob' })
      .setProtectedHeader({ alg: 'ES256', kid: 'none' })
      .sign(stranger!.privateKey);
    expect(await verifier.verify(tokens[0])).toEqual(bob);

    // The issuer has a new key, also one without a name.
    answers.keys = [await jwk(fresh!), await jwk(old!)];
    clock += 10_000;
    expect(await verifier.verify(tokens[1])).toEqual(bob);
    expect(answers.count).toBe(2);
    for (let n = 0; n < 20; n += 1) {
      expect(await verifier.verify(tokens[2])).toBeUndefined();
      expect(await verifier.verify(named)).toBeUndefined();
    }
    expect(answers.count).toBe(2);

    answers.status = 500;
    clock += 10_000;
    for (let n = 0; n < 20; n += 1) {
      await expect(verifier.verify(tokens[2])).rejects.toMatchObject({ status: 503 });
      await expect(verifier.verify(named)).rejects.toMatchObject({ status: 503 });
      expect(await verifier.verify(tokens[1])).toEqual(bob);
    }
    expect(answers.count).toBe(3);

    answers.status = 200;
    clock += 10_000;
    expect(await verifier.verify(named)).toBeUndefined();
    expect(answers.count).toBe(4);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
});
