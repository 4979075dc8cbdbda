import { once } from 'node:events';
import { connect, createServer, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCertificateAuthority } from './certificate-authority.js';

const authority = createCertificateAuthority('Test CA', new Date());
const other = createCertificateAuthority('Other CA', new Date());

/** A server that asks for a certificate and accepts only those of `authority`. */
const server = createServer(
  { ca: authority.ca, ...authority.issue('server', ['db.example', '127.0.0.1']), requestCert: true },
  (socket) => {
    socket.on('error', () => undefined).end(String(socket.getPeerCertificate().subject.CN));
  },
);

beforeAll(async () => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => void server.close());

async function readGreeting(options: ConnectionOptions): Promise<string> {
  const socket = connect({
    port: (server.address() as { port: number }).port,
    host: '127.0.0.1',
    ...options,
  });
  let text = '';
  for await (const part of socket) text += String(part);
  return text;
}

describe('createCertificateAuthority', () => {
  it.each([{ servername: 'db.example' }, {}])(
    'issues certificates that both sides verify: %j',
    async (name) => {
      const client = authority.issue('command');
      await expect(readGreeting({ ca: authority.ca, ...client, ...name })).resolves.toBe('command');
    },
  );

  it('issues none for a host that was not named', async () => {
    const wrong = readGreeting({
      ca: authority.ca,
      ...authority.issue('command'),
      servername: 'other.example',
    });
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('is trusted only by those who know it', async () => {
    const unknown = readGreeting({ ca: other.ca, ...authority.issue('command') });
    await expect(unknown).rejects.toMatchObject({ code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) });
    const stranger = readGreeting({ ca: authority.ca, ...other.issue('command') });
    // The server closes the connection, after or without an alert.
    await expect(stranger.catch(() => '')).resolves.toBe('');
  });
});
