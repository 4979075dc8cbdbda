import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import { startMail } from '../../../libs/dev-servers/src/start-servers.js';
import type { DevServer } from '../../../libs/dev-servers/src/process/server-process.js';
import { messagesAt } from './mail-client.js';

const ATTACK = `"><img src=x onerror=alert(1)></bdi></title><script>alert(1)</script>`;

let dataDir: string;
let server: DevServer<{ smtpUrl: string; url: string }>;
let transport: Transporter;
let url: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mail-page-'));
  server = await startMail({ dataDir });
  ({ url } = server.addresses);
  transport = createTransport(server.addresses.smtpUrl);
});

beforeEach(() => fetch(`${url}/api/messages`, { method: 'DELETE' }));

afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true });
});

/** Sends a mail and returns the path of its page. */
async function pageOf(mail: SendMailOptions): Promise<string> {
  await transport.sendMail({ from: 'members@example.org', to: 'layla@example.org', ...mail });
  const [message] = await messagesAt(url);
  return `/messages/${message?.id}`;
}

const get = async (path: string) => (await fetch(url + path)).text();

const policyOf = async (path: string) => {
  const policy = (await fetch(url + path)).headers.get('content-security-policy') ?? '';
  return policy.split('; ').map((directive) => directive.trim());
};

/** The ids of the mails that a page links, in its order. */
function linkedIds(page: string): (string | undefined)[] {
  return [...page.matchAll(/<a href="\/messages\/(\d+)">/g)].map((match) => match[1]);
}

describe('mail list page', () => {
  it('links every mail and shows its subject, recipients and beginning', async () => {
    const path = await pageOf({ subject: 'Omar wants to connect', text: 'Hello Layla.' });
    const list = await get('/');
    expect(list).toContain(`<a href="${path}">`);
    for (const shown of ['Omar wants to connect', 'layla@example.org', 'Hello Layla.']) {
      expect(list).toContain(shown);
    }
  });

  it('links the next page with older mail', async () => {
    const all = Array.from({ length: 105 }, (_, index) => index);
    const pooled = createTransport({ pool: true, maxRequeues: 0, url: server.addresses.smtpUrl });
    await Promise.all(
      all.map((index) =>
        pooled.sendMail({ from: 'a@example.org', to: `to-${index}@example.org`, text: 'x' }),
      ),
    );
    pooled.close();
    const first = await get('/');
    const second = await get(/href="(\/\?before=\d+)"/.exec(first)?.[1] ?? '');
    expect(linkedIds(first)).toHaveLength(100);
    expect([...linkedIds(first), ...linkedIds(second)]).toEqual((await messagesAt(url)).map(({ id }) => id));
    expect(second).not.toContain('?before=');
  });
});

describe('mail page', () => {
  it('escapes the subject, names, recipients, text, headers and source of a mail', async () => {
    const path = await pageOf({
      from: { name: ATTACK, address: 'a@example.org' },
      to: 'a&lt@example.org',
      subject: ATTACK,
      text: ATTACK,
      headers: { 'X-Attack': ATTACK },
    });
    const views = ['', '?view=text', '?view=headers', '?view=source', `?view=${encodeURIComponent(ATTACK)}`];
    for (const page of await Promise.all(['/', ...views.map((view) => path + view)].map(get))) {
      expect(page).toContain('&lt;img src=x onerror=alert(1)>');
      expect(page).toContain('a&amp;lt@example.org');
      expect(page).not.toMatch(/<img|<script>|<\/bdi><\/title>/);
    }
  });

  it('shows Arabic text from right to left', async () => {
    const page = await get(await pageOf({ subject: 'ليلى قبلت دعوتك', text: 'مرحبا عمر' }));
    expect(page).toMatch(/<bdi dir="auto"[^>]*>ليلى قبلت دعوتك<\/bdi>/);
    expect(page).toMatch(/<pre class="text" dir="auto">مرحبا عمر/);
  });

  it('links URLs in the text, but no other scheme than http and https', async () => {
    const page = await get(
      await pageOf({ text: 'See (https://example.org/l/a?b=1&c=2). javascript://x/%0aalert(1)' }),
    );
    const link = 'https://example.org/l/a?b=1&amp;c=2';
    expect(page).toContain(`(<a href="${link}" target="_blank" rel="noreferrer">${link}</a>).`);
    expect(page).not.toContain('href="javascript');
  });
});

describe('HTML view of a mail', () => {
  const html =
    '<!doctype html><html dir="rtl"><body><a href="https://example.org/l/a">Accept</a></body></html>';

  it('shows the HTML in a frame that runs no script and opens links in new tabs', async () => {
    const path = await pageOf({ html });
    const sandbox = 'allow-popups allow-popups-to-escape-sandbox';
    expect(await get(path)).toMatch(new RegExp(`<iframe [^>]*src="${path}/html" sandbox="${sandbox}"`));
    expect(await get(`${path}/html`)).toBe(`<!doctype html><base target="_blank">${html}\n`);
  });

  it('embeds the images that are attached to the mail', async () => {
    const path = await pageOf({
      html: '<img src="cid:logo">',
      attachments: [
        { cid: 'logo', filename: 'logo.gif', content: Buffer.from('GIF89a'), contentDisposition: 'inline' },
      ],
    });
    expect(await get(`${path}/html`)).toContain('<img src="data:image/gif;base64,R0lGODlh">');
  });

  it('forbids scripts and requests, even when it is opened outside the frame', async () => {
    const policy = await policyOf(`${await pageOf({ html })}/html`);
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        'img-src data:',
        "form-action 'none'",
        'sandbox allow-popups allow-popups-to-escape-sandbox',
      ]),
    );
    expect(policy.join()).not.toContain('script-src');
  });
});

describe('mail HTTP server', () => {
  it('forbids foreign and inline code, framing, content sniffing and caching', async () => {
    const path = await pageOf({ html: '<p>x</p>', text: 'x' });
    for (const page of ['/', path, '/style.css', '/refresh.js', '/api/messages', '/no-such-page']) {
      expect(await policyOf(page)).toEqual(
        expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]),
      );
      expect((await policyOf(page)).join()).not.toContain('unsafe');
      const { headers } = await fetch(url + page);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it.each([
    ['GET', '/no-such-page', 404],
    ['GET', '/messages/1', 404],
    ['GET', '/messages/..%2f..%2fetc', 404],
    ['GET', '/api/messages/0000000000000000/raw', 404],
    ['HEAD', '/', 200],
    ['POST', '/', 405],
    ['PUT', '/api/messages', 405],
  ])('responds to %s %s with status %i', async (method, path, status) => {
    expect((await fetch(url + path, { method })).status).toBe(status);
  });

  it('returns one mail as JSON and as it was received', async () => {
    const path = await pageOf({ subject: 'One', text: 'x' });
    const [message] = await messagesAt(url);
    expect(await (await fetch(`${url}/api${path}`)).json()).toEqual(message);
    const raw = await get(`/api${path}/raw`);
    expect(raw).toMatch(/^From: members@example\.org\r\n/);
  });

  it('returns only the mails to a recipient who is named', async () => {
    await pageOf({ subject: 'One' });
    await pageOf({ subject: 'Two', to: ['omar@example.org', 'anna+a@example.org'] });
    const to = async (address: string) => {
      const response = await get(`/api/messages?to=${encodeURIComponent(address)}`);
      return (JSON.parse(response) as { subject: string }[]).map(({ subject }) => subject);
    };
    expect(await to('anna+a@example.org')).toEqual(['Two']);
    expect(await to('layla@example.org')).toEqual(['One']);
    expect(await to('anna')).toEqual([]);
  });
});
