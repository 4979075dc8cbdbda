import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createCertificateAuthority } from '../../libs/dev-servers/src/certificates/certificate-authority.js';
import { createLogger, startSpan } from '#libs/platform';
import { startTracing } from '../../libs/platform/src/tracing/start-tracing.js';

const authority = createCertificateAuthority('Test CA', new Date());
const received: (string | undefined)[] = [];
const collector = createServer(authority.issue('collector', ['127.0.0.1']), (request, response) => {
  received.push(request.headers.authorization);
  request.resume().on('end', () => response.end('{}'));
});
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'test-otlp-'));
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] =
    `https://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterEach(() => {
  received.length = 0;
});
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
  collector.close();
  collector.closeAllConnections();
  await rm(dir, { recursive: true });
});

async function trace(): Promise<void> {
  const stop = await startTracing('test', createLogger('test', 'silent'));
  startSpan('a span', 'client', undefined, {})?.end();
  await stop();
}

describe('startTracing', () => {
  it('sends spans to a collector that it verifies, with the configured headers', async () => {
    const file = join(dir, 'ca.crt');
    await writeFile(file, authority.ca);
    process.env['OTEL_EXPORTER_OTLP_CERTIFICATE'] = file;
    process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'authorization=Bearer%20token';
    await trace();
    expect(received).toEqual(['Bearer token']);
  });

  it('sends nothing to a collector that another authority has certified', async () => {
    const file = join(dir, 'other.crt');
    await writeFile(file, createCertificateAuthority('Other CA', new Date()).ca);
    process.env['OTEL_EXPORTER_OTLP_CERTIFICATE'] = file;
    await trace();
    expect(received).toEqual([]);
  });

  it('does not start without the file of the authority', async () => {
    process.env['OTEL_EXPORTER_OTLP_CERTIFICATE'] = join(dir, 'nowhere');
    await expect(trace()).rejects.toThrow(
      'the file that OTEL_EXPORTER_OTLP_CERTIFICATE names cannot be read',
    );
  });
});
