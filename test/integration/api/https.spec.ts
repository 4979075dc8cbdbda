import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCertificateAuthority } from '../../../libs/dev-servers/src/certificates/certificate-authority.js';
import { type ApiHarness, openApiHarness } from './api-harness.js';

const authority = createCertificateAuthority('Test CA', new Date());
let dir: string;
let api: ApiHarness;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'test-https-'));
  const { cert, key } = authority.issue('api', ['127.0.0.1']);
  const [TLS_CERT_FILE, TLS_KEY_FILE] = [join(dir, 'tls.crt'), join(dir, 'tls.key')];
  await Promise.all([writeFile(TLS_CERT_FILE, cert), writeFile(TLS_KEY_FILE, key)]);
  api = await openApiHarness({ TLS_CERT_FILE, TLS_KEY_FILE });
  await api.app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await api.stop();
  await rm(dir, { recursive: true });
});

describe('the api with a certificate', () => {
  it('serves HTTPS, with the headers of every response', async () => {
    const url = (await api.app.getUrl()).replace(/^http:/, 'https:');
    const sent = request(`${url}/healthz`, { ca: authority.ca, agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });

  it('does not answer in plain text', async () => {
    const url = (await api.app.getUrl()).replace(/^https:/, 'http:');
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });
});
