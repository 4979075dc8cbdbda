import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport, type Transporter } from 'nodemailer';
import { startMail } from '../../../libs/dev-servers/src/start-servers.js';
import type { DevServer } from '../../../libs/dev-servers/src/process/server-process.js';
import { untilClosed } from '../../support/until-closed.js';
import { connectTo, messagesAt, openMail, sendRaw } from './mail-client.js';

const LIMITS = { bytes: 4_000_000, messages: 5 };

/** How long a client may send nothing. Long enough for a small mail on a busy machine. */
const TIMEOUT_MS = 2_000;

let dataDir: string;
let server: DevServer<{ smtpUrl: string; url: string }>;
let smtpUrl: string;
let url: string;
let transport: Transporter;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mail-hostile-clients-'));
  server = await startMail({ dataDir, limits: LIMITS });
  ({ smtpUrl, url } = server.addresses);
  transport = createTransport(smtpUrl);
});

beforeEach(() => fetch(`${url}/api/messages`, { method: 'DELETE' }));

afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true });
});

/** A separate server with a short timeout. */
const startImpatient = () =>
  startMail({
    dataDir: join(dataDir, randomBytes(4).toString('hex')),
    limits: { ...LIMITS, timeoutMs: TIMEOUT_MS },
  });

const send = (subject: string, to: string | string[] = 'b@example.org') =>
  transport.sendMail({ from: 'a@example.org', to, subject, text: 'x' });

const subjects = async () => (await messagesAt(url)).map(({ subject }) => subject);

describe('mail server limits', () => {
  it('rejects a mail that is too large and accepts the next one', async () => {
    const large = Buffer.alloc(LIMITS.bytes + 1, 'x\r\n');
    expect(await sendRaw(smtpUrl, large)).toMatch(/^552/);
    const announced = transport.sendMail({
      from: 'a@example.org',
      to: 'b@example.org',
      text: large.toString(),
    });
    await expect(announced).rejects.toMatchObject({ responseCode: 552 });
    await send('small');
    expect(await subjects()).toEqual(['small']);
  });

  it('keeps the maximum number of mails and deletes the oldest', async () => {
    for (let index = 1; index <= LIMITS.messages + 2; index++) await send(`${index}`);
    expect(await subjects()).toEqual(['7', '6', '5', '4', '3']);
  });

  it('closes connections that send nothing or too little', async () => {
    const other = await startImpatient();
    const idle = [await connectTo(other.addresses.smtpUrl), await connectTo(other.addresses.url)];
    // The connection is not idle, because a byte arrives now and then, but the request never ends.
    const slow = [await connectTo(other.addresses.url), await connectTo(other.addresses.url)];
    slow[0]?.write('GET / HTTP/1.1\r\n');
    slow[1]?.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
    const dripping = setInterval(() => slow.forEach((socket) => socket.write('x')), 50);
    await Promise.all([...idle, ...slow].map(untilClosed));
    clearInterval(dripping);
    expect(await messagesAt(other.addresses.url)).toEqual([]);
    await other.stop();
  });
});

describe('mail server with rejected recipients', () => {
  it.each([
    { to: 'reject-5xx@example.org', responseCode: 550 },
    { to: 'reject-4xx+layla@example.org', responseCode: 451 },
  ])('rejects $to with $responseCode', async ({ to, responseCode }) => {
    await expect(send('refused', to)).rejects.toMatchObject({ responseCode });
    expect(await subjects()).toEqual([]);
  });

  it('rejects one recipient of a mail and accepts the other', async () => {
    const { accepted, rejected } = await send('for one', ['reject-5xx@example.org', 'layla@example.org']);
    expect({ accepted, rejected }).toEqual({
      accepted: ['layla@example.org'],
      rejected: ['reject-5xx@example.org'],
    });
    expect(await messagesAt(url)).toMatchObject([{ to: ['layla@example.org'] }]);
  });
});

describe('mail server with garbage', () => {
  it.each(['smtpUrl', 'url'] as const)(
    'closes only the connection that sends garbage to the port of %s',
    async (port) => {
      const other = await startImpatient();
      const socket = await connectTo(other.addresses[port]);
      const answer = text(socket).catch(() => '');
      // Without a line feed, the server must not buffer the bytes until the line ends.
      socket.write(randomBytes(3_000_000).map((byte) => (byte === 0x0a ? 0x0b : byte)));
      await answer;
      expect(await sendRaw(other.addresses.smtpUrl, 'Subject: still here\r\n\r\nx')).toMatch(/^250/);
      expect(await messagesAt(other.addresses.url)).toMatchObject([{ subject: 'still here' }]);
      await other.stop();
    },
  );

  it('stores and shows a mail whose content is garbage', async () => {
    const bytes = Buffer.from(
      randomBytes(30_000)
        .toString('latin1')
        .replaceAll(/[\r\n.]/g, ''),
      'latin1',
    );
    expect(await sendRaw(smtpUrl, bytes)).toMatch(/^250/);
    const [message] = await messagesAt(url);
    expect(message).toMatchObject({ from: 'a@example.org', to: ['b@example.org'] });
    const raw = await fetch(`${url}/api/messages/${message?.id}/raw`);
    expect(Buffer.from(await raw.arrayBuffer())).toEqual(Buffer.concat([bytes, Buffer.from('\r\n')]));
    expect((await fetch(`${url}/messages/${message?.id}`)).status).toBe(200);
  });

  it('stores a mail that the parser rejects and shows its source', async () => {
    const header = `Subject: hidden\r\nX-Long: ${'x'.repeat(3_000_000)}\r\n\r\ntext`;
    expect(await sendRaw(smtpUrl, header)).toMatch(/^250/);
    const [message] = await messagesAt(url);
    expect(message).toMatchObject({
      from: 'a@example.org',
      subject: '',
      text: null,
      html: null,
      headers: {},
    });
    const page = await (await fetch(`${url}/messages/${message?.id}`)).text();
    expect(page).toContain('Subject: hidden');
  });

  it('stores nothing from a client that disconnects in the middle of a mail', async () => {
    const socket = await openMail(smtpUrl);
    socket.write('Subject: half\r\n\r\nhal');
    socket.destroy();
    await send('whole');
    expect(await subjects()).toEqual(['whole']);
  });
});
