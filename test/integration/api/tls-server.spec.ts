import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '#libs/platform';
import { createCertificateAuthority } from '../../../libs/dev-servers/src/certificates/certificate-authority.js';
import { followRenewedCertificate, readServerTls } from '../../../apps/api/src/http/tls-server.js';

const authority = createCertificateAuthority('Test CA', new Date());
const SILENT = createLogger('test', 'silent');

let dir: string;
let config: { TLS_CERT_FILE: string; TLS_KEY_FILE: string };
let server: Server | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'test-tls-'));
  config = { TLS_CERT_FILE: join(dir, 'tls.crt'), TLS_KEY_FILE: join(dir, 'tls.key') };
});
afterEach(async () => {
  server?.close();
  await rm(dir, { recursive: true });
});

async function issue(commonName: string, { withKey = true } = {}): Promise<string> {
  const { cert, key } = authority.issue(commonName, ['127.0.0.1']);
  await writeFile(config.TLS_CERT_FILE, cert);
  if (withKey) await writeFile(config.TLS_KEY_FILE, key);
  return key;
}

/** The common name in the certificate that a new connection gets. */
async function servedName(): Promise<string> {
  const socket = connect({
    port: (server!.address() as AddressInfo).port,
    host: '127.0.0.1',
    ca: authority.ca,
  });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

async function untilServed(name: string): Promise<void> {
  while ((await servedName()) !== name) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('readServerTls', () => {
  it('reads nothing without files, and refuses what does not belong together', async () => {
    expect(readServerTls({})).toBeUndefined();
    await issue('one');
    expect(readServerTls(config)).toBeDefined();
    await issue('two', { withKey: false });
    expect(() => readServerTls(config)).toThrow('TLS_CERT_FILE and TLS_KEY_FILE do not belong together');
    expect(() => readServerTls({ ...config, TLS_KEY_FILE: '/nowhere' })).toThrow(
      'TLS_KEY_FILE names cannot be read',
    );
  });
});

describe('followRenewedCertificate', () => {
  it('serves a renewed certificate as soon as both files are replaced, and the former one until then', async () => {
    await issue('first');
    server = createServer(readServerTls(config)!);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    followRenewedCertificate(server, config, SILENT, 5);
    expect(await servedName()).toBe('first');
    const key = await issue('second', { withKey: false });
    expect(await servedName()).toBe('first');
    await writeFile(config.TLS_KEY_FILE, key);
    await untilServed('second');
  });
});
