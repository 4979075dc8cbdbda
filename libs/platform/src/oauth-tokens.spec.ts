import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findFreePort } from '../../../test/support/ports.js';
import { OAuthTokens } from './oauth-tokens.js';

const folder = mkdtempSync(join(tmpdir(), 'oauth-tokens-'));
const clientSecretFile = join(folder, 'secret');

describe('OAuthTokens', () => {
  let server: Server;
  let secrets: string[];
  let lifeSeconds: number | undefined;
  let nowMs: number;
  let tokens: OAuthTokens;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const credentials = Buffer.from(request.headers.authorization!.split(' ')[1]!, 'base64').toString();
      secrets.push(decodeURIComponent(credentials.split(':')[1]!));
      const body = { access_token: `token ${secrets.length}`, expires_in: lifeSeconds };
      response.end(JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    secrets = [];
    nowMs = 0;
    writeFileSync(clientSecretFile, 'first\n');
    const tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    tokens = new OAuthTokens({ prefix: 'X', tokenUrl, clientId: 'c', clientSecretFile }, () => nowMs);
  });

  it.each([
    [3_600, 3_540_000],
    [100, 50_000],
    [undefined, 30_000],
  ])('keeps a token of %s s for %d ms', async (life, keptMs) => {
    lifeSeconds = life;
    expect(await tokens.getToken()).toEqual({ value: 'token 1' });
    nowMs = keptMs - 1;
    expect(await tokens.getToken()).toEqual({ value: 'token 1' });
    nowMs = keptMs;
    expect(await tokens.getToken()).toEqual({ value: 'token 2' });
  });

  it('requests one token for all who wait for it', async () => {
    lifeSeconds = 3_600;
    const values = await Promise.all([tokens.getToken(), tokens.getToken(), tokens.getToken()]);
    expect(values.map(({ value }) => value)).toEqual(['token 1', 'token 1', 'token 1']);
    expect(secrets).toHaveLength(1);
  });

  it('reads the secret for each request, so that a renewed file is used', async () => {
    lifeSeconds = 100;
    await tokens.getToken();
    writeFileSync(clientSecretFile, 'sec%nd & more');
    nowMs = 90_000;
    await tokens.getToken();
    expect(secrets).toEqual(['first', 'sec%nd & more']);
  });

  it('says which variable names the server that cannot be reached', async () => {
    const settings = {
      prefix: 'X',
      tokenUrl: `http://127.0.0.1:${await findFreePort()}/`,
      clientId: 'c',
      clientSecretFile,
    };
    await expect(new OAuthTokens(settings).getToken()).rejects.toThrow(
      /no token from X_TOKEN_URL: .*ECONNREFUSED/,
    );
  });
});
