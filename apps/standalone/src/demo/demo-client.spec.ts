import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

const directory = mkdtempSync(join(tmpdir(), 'demo-client-'));
// The state directory is read when the modules are loaded.
process.env['STANDALONE_DIR'] = directory;
const { ensureKeys } = await import('../identity/dev-issuer.js');
const { DemoClient } = await import('./demo-client.js');

const COMMAND_ID = '7a1c0e52-0000-4000-8000-000000000001';

let server: Server;

beforeAll(() => ensureKeys());
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Starts an api that handles each request with the next of the handlers. */
async function clientOf(...handlers: RequestListener[]) {
  server = createServer((request, response) => handlers.shift()!(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new DemoClient({ api, kafka: '', eventStore: '', postgres: '', mail: api });
}

const respond =
  (status: number, body: unknown = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status).end(JSON.stringify(body));

const closeConnection: RequestListener = ({ socket }) => void socket.destroy();

describe('DemoClient', () => {
  it('repeats a request after 429, 503 and a closed connection', async () => {
    const client = await clientOf(
      respond(503),
      closeConnection,
      respond(429),
      respond(200, { items: [{ invitationId: 'a' }] }),
    );
    expect(await client.list('amal', 'inbox')).toEqual([{ invitationId: 'a' }]);
  });

  it('takes a command as undecided only after 404, not in an outage', async () => {
    const client = await clientOf(respond(503), respond(200), respond(503), respond(404));
    expect(await client.isDecided('amal', COMMAND_ID)).toBe(true);
    expect(await client.isDecided('amal', COMMAND_ID)).toBe(false);
  });

  it('throws with the status of any other response', async () => {
    const client = await clientOf(respond(500), respond(401));
    await expect(client.list('amal', 'sent')).rejects.toThrow('status 500');
    await expect(client.isDecided('amal', COMMAND_ID)).rejects.toThrow('status 401');
  });
});
