import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveMailpitMessages } from './mailpit-messages.js';

/** The responses of Mailpit, according to its API documentation. */
const ANSWERS: Record<string, unknown> = {
  'GET /api/v1/messages?limit=100000': {
    messages: [
      {
        ID: 'b',
        From: { Name: 'Members', Address: 'members@example.org' },
        To: [{ Name: 'Layla', Address: 'layla@example.org' }],
        Cc: null,
        Bcc: [{ Name: '', Address: 'omar@example.org' }],
        Subject: 'second',
        Created: '2026-01-05T09:01:00.123Z',
      },
      {
        ID: 'a',
        From: { Name: '', Address: 'members@example.org' },
        To: [{ Name: '', Address: 'layla@example.org' }],
        Cc: [],
        Bcc: [],
        Subject: 'first',
        Created: '2026-01-05T09:00:00.000Z',
      },
    ],
  },
  'GET /api/v1/message/b': { Text: 'Hello', HTML: '<p>Hello</p>' },
  'GET /api/v1/message/b/headers': { 'Message-Id': ['<1@example.org>'], Received: ['x', 'y'] },
  'GET /api/v1/message/a': { Text: 'Hello', HTML: '' },
  'GET /api/v1/message/a/headers': {},
  'DELETE /api/v1/messages': {},
};

let mailpit: Server;
let served: Awaited<ReturnType<typeof serveMailpitMessages>>;
const asked: string[] = [];

beforeAll(async () => {
  mailpit = createServer((request, response) => {
    const what = `${request.method} ${request.url}`;
    asked.push(what);
    const answer = ANSWERS[what];
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? null));
  });
  await once(mailpit.listen(0, '127.0.0.1'), 'listening');
  served = await serveMailpitMessages(`http://127.0.0.1:${(mailpit.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await served.stop();
  mailpit.closeAllConnections();
  mailpit.close();
});

describe('the list of mails in Mailpit', () => {
  it("has the form of the development mail server's list", async () => {
    const response = await fetch(`${served.url}/api/messages`);
    expect(await response.json()).toEqual([
      {
        id: 'b',
        from: '"Members" <members@example.org>',
        to: ['layla@example.org', 'omar@example.org'],
        subject: 'second',
        text: 'Hello',
        html: '<p>Hello</p>',
        headers: { 'message-id': '<1@example.org>', received: 'x, y' },
        receivedAt: '2026-01-05T09:01:00.123Z',
      },
      {
        id: 'a',
        from: 'members@example.org',
        to: ['layla@example.org'],
        subject: 'first',
        text: 'Hello',
        html: null,
        headers: {},
        receivedAt: '2026-01-05T09:00:00.000Z',
      },
    ]);
  });

  it('is empty after DELETE', async () => {
    expect((await fetch(`${served.url}/api/messages`, { method: 'DELETE' })).status).toBe(204);
    expect(asked).toContain('DELETE /api/v1/messages');
  });
});
