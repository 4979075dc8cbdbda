import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport, type Transporter } from 'nodemailer';
import { type TestMail, openTestMail } from '../../support/mail.js';

// Processes are started here, on machines that may be busy. In milliseconds.

interface Message {
  id: string;
  from: string;
  to: string[];
  subject: string;
  text: string | null;
  html: string | null;
  headers: Record<string, string>;
  receivedAt: string;
}

let server: TestMail;
let transport: Transporter;

const messages = async () => (await (await fetch(`${server.url}/api/messages`)).json()) as Message[];

const send = (subject: string) =>
  transport.sendMail({ from: 'a@example.org', to: 'b@example.org', subject, text: 'x' });

beforeAll(async () => {
  server = await openTestMail();
  const pooled = { pool: true as const, maxConnections: 3, maxRequeues: 0 };
  transport = createTransport({ ...pooled, url: server.smtpUrl });
});

beforeEach(() => fetch(`${server.url}/api/messages`, { method: 'DELETE' }));

afterAll(async () => {
  transport.close();
  await server.stop();
});

describe('a sent mail', () => {
  it('is in the list as soon as the server has accepted it', async () => {
    const before = Date.now();
    await transport.sendMail({
      from: '"Members" <members@example.org>',
      to: 'layla@example.org',
      subject: 'Omar wants to connect',
      text: 'Hello Layla.',
      html: '<p>Hello <b>Layla</b>.</p>',
    });
    const [message, ...others] = await messages();
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      id: expect.stringMatching(/./),
      from: expect.stringContaining('members@example.org'),
      to: ['layla@example.org'],
      subject: 'Omar wants to connect',
      text: expect.stringContaining('Hello Layla.'),
      html: expect.stringContaining('<p>Hello <b>Layla</b>.</p>'),
    });
    expect(message?.receivedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    expect(Math.abs(Date.parse(message?.receivedAt ?? '') - before)).toBeLessThan(60_000);
  });

  it('keeps Arabic in its subject, its names, its text and its HTML', async () => {
    const subject = 'ليلى منصور قبلت دعوتك، ويمكنكما الآن التواصل معًا على الشبكة المهنية 👋🏽';
    const body = 'مرحبا عمر، قبلت ليلى دعوتك.';
    await transport.sendMail({
      from: { name: 'الأعضاء', address: 'members@example.org' },
      to: 'omar@example.org',
      subject,
      text: body,
      html: `<p dir="rtl">${body}</p>`,
    });
    const [message] = await messages();
    expect(message).toMatchObject({ subject, from: expect.stringContaining('الأعضاء') });
    expect(message?.text).toContain(body);
    expect(message?.html).toContain(body);
  });

  it('has its headers by lower-case name, unfolded, as they were sent', async () => {
    const unsubscribe = `<mailto:leave@example.org?subject=layla>, <https://example.org/l/${'x'.repeat(60)}>`;
    const messageId = '<event-1.layla.invitation@example.org>';
    await transport.sendMail({
      from: 'members@example.org',
      to: 'layla@example.org',
      subject: 'Headers',
      text: 'x',
      messageId,
      headers: { 'List-Unsubscribe': unsubscribe, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    });
    const [message] = await messages();
    expect(message?.headers).toMatchObject({
      'message-id': messageId,
      'list-unsubscribe': unsubscribe,
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    });
  });

  it('has the recipients of its envelope, including those that no header names', async () => {
    await transport.sendMail({
      from: 'members@example.org',
      to: 'layla@example.org',
      bcc: 'omar@example.org',
      text: 'x',
    });
    const [message] = await messages();
    expect(message?.to.toSorted()).toEqual(['layla@example.org', 'omar@example.org']);
    expect(Object.values(message?.headers ?? {}).join()).not.toContain('omar@example.org');
  });
});

describe('the list of mails', () => {
  it('starts with the newest mail', async () => {
    for (const subject of ['first', 'second', 'third']) await send(subject);
    expect((await messages()).map(({ subject }) => subject)).toEqual(['third', 'second', 'first']);
  });

  it('contains every mail of a burst once', async () => {
    const recipients = Array.from({ length: 60 }, (_, index) => `member-${index}@example.org`);
    await Promise.all(recipients.map((to) => transport.sendMail({ from: 'a@example.org', to, text: 'x' })));
    const received = await messages();
    expect(received.flatMap(({ to }) => to).toSorted()).toEqual(recipients.toSorted());
    expect(new Set(received.map(({ id }) => id)).size).toBe(recipients.length);
  });

  it('is empty after DELETE, and accepts new mail', async () => {
    await send('gone');
    const { status } = await fetch(`${server.url}/api/messages`, { method: 'DELETE' });
    expect(status).toBe(204);
    expect(await messages()).toEqual([]);
    await send('new');
    expect(await messages()).toMatchObject([{ subject: 'new' }]);
  });
});
