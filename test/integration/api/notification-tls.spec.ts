import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCertificateAuthority } from '../../../libs/dev-servers/src/certificates/certificate-authority.js';
import { ApiConfig } from '../../../apps/api/src/config/api.config.js';
import { PreferencesClient } from '../../../apps/api/src/preferences/preferences.client.js';

const GIVEN = { all: true, invitations: false, reminders: true, acceptances: false, replies: true };
const SECRET = 's'.repeat(32);

const authority = createCertificateAuthority('Cluster CA', new Date());
const stranger = createCertificateAuthority('Another CA', new Date());
const received: string[] = [];
const notification = createServer(authority.issue('notification', ['127.0.0.1']), (request, response) => {
  received.push(`${request.method} ${request.headers.authorization}`);
  request.resume().on('end', () => response.end(JSON.stringify(GIVEN)));
});
const folder = mkdtempSync(join(tmpdir(), 'notification-tls-'));
const NOTIFICATION_CA_FILE = join(folder, 'ca.crt');
let port: number;

beforeAll(async () => {
  await once(notification.listen(0, '127.0.0.1'), 'listening');
  ({ port } = notification.address() as AddressInfo);
});
beforeEach(() => {
  received.length = 0;
  writeFileSync(NOTIFICATION_CA_FILE, authority.ca);
});
afterAll(() => {
  notification.close();
  notification.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function clientWith(settings: Partial<ApiConfig> = {}): PreferencesClient {
  const config = {
    NOTIFICATION_URL: `https://127.0.0.1:${port}`,
    NOTIFICATION_CA_FILE,
    NOTIFICATION_TIMEOUT: 30_000,
    INTERNAL_SECRETS: SECRET,
    ...settings,
  };
  return new PreferencesClient(Object.assign(new ApiConfig(), config));
}

const reasonOf = (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => 'no error',
    (error: Error) => (error.cause as Error).message,
  );

describe('the connection of the api to the notification app over https', () => {
  it('verifies the server with the authority in NOTIFICATION_CA_FILE', async () => {
    const client = clientWith();
    expect(await client.read('bob')).toEqual(GIVEN);
    await client.write('bob', GIVEN);
    await client.turnOff('bob', 'reminders');
    expect(received).toEqual([`GET Bearer ${SECRET}`, `PUT Bearer ${SECRET}`, `DELETE Bearer ${SECRET}`]);
  });

  it('sends nothing to a server of another authority, and says which variable to look at', async () => {
    writeFileSync(NOTIFICATION_CA_FILE, stranger.ca);
    expect(await reasonOf(clientWith().read('bob'))).toContain('no authority in NOTIFICATION_CA_FILE');
    expect(await reasonOf(clientWith({ NOTIFICATION_CA_FILE: undefined }).read('bob'))).toContain(
      'set NOTIFICATION_CA_FILE',
    );
    expect(received).toEqual([]);
  });

  it('uses a renewed file without a restart, and names one that is gone', async () => {
    const client = clientWith();
    writeFileSync(NOTIFICATION_CA_FILE, stranger.ca);
    expect(await reasonOf(client.read('bob'))).toContain('NOTIFICATION_CA_FILE');
    writeFileSync(NOTIFICATION_CA_FILE, `${stranger.ca}${authority.ca}`);
    expect(await client.read('bob')).toEqual(GIVEN);
    rmSync(NOTIFICATION_CA_FILE);
    expect(await reasonOf(client.read('bob'))).toBe(
      'the file that NOTIFICATION_CA_FILE names cannot be read: it does not exist',
    );
  });
});
