import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { startMail } from '../../libs/dev-servers/src/mail/start.js';
import { listen } from '../../libs/dev-servers/src/process/listen.js';
import { messagesAt, openMail } from './mail-client.js';

// Processes are started here, on machines that may be busy. In milliseconds.

const MAIN = fileURLToPath(new URL('../../dist/libs/dev-servers/src/mail/main.js', import.meta.url));

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mail-survival-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

describe('the mail server', () => {
  it('still has every mail that it took when it is killed in the middle of a burst', async () => {
    const first = await startMail({ dataDir });
    const transport = createTransport({
      pool: true,
      maxConnections: 4,
      maxRequeues: 0,
      url: first.addresses.smtpUrl,
    });
    const taken: string[] = [];
    const enough = new Promise<void>((resolve) => {
      for (let index = 0; index < 200; index++) {
        const to = `member-${index}@example.org`;
        transport.sendMail({ from: 'a@example.org', to, text: 'x'.repeat(20_000) }).then(
          () => {
            taken.push(to);
            if (taken.length === 40) resolve();
          },
          // Refused or cut off: nothing was promised.
          () => undefined,
        );
      }
    });
    await enough;
    await first.kill();
    transport.close();

    const second = await startMail({ dataDir });
    const kept = await messagesAt(second.addresses.url);
    await second.stop();
    expect(kept.flatMap(({ to }) => to)).toEqual(expect.arrayContaining(taken));
    // Whole ones only, though some were cut off while they were written.
    expect(kept.filter(({ text }) => text?.trim().length !== 20_000)).toEqual([]);
  });

  it('shows a mail after a restart as it did before, and newer ones before it', async () => {
    const first = await startMail({ dataDir });
    const before = createTransport(first.addresses.smtpUrl);
    await before.sendMail({
      from: 'a@example.org',
      to: ['b@example.org', 'عمر@example.org'],
      subject: 'Café',
    });
    const shown = await messagesAt(first.addresses.url);
    expect(shown).toMatchObject([{ to: ['b@example.org', 'عمر@example.org'], subject: 'Café' }]);
    await first.stop();

    const second = await startMail({ dataDir });
    expect(await messagesAt(second.addresses.url)).toEqual(shown);
    await createTransport(second.addresses.smtpUrl).sendMail({ from: 'a@example.org', to: 'b@example.org' });
    expect((await messagesAt(second.addresses.url)).slice(1)).toEqual(shown);
    await second.stop();
  });

  it('throws away at the next start what it had not received whole', async () => {
    const first = await startMail({ dataDir });
    const socket = await openMail(first.addresses.smtpUrl);
    socket.write('Subject: half\r\n\r\nThis mail has no en');
    while ((await readdir(dataDir)).every((name) => name.startsWith('lock')));
    await first.kill();
    await writeFile(join(dataDir, 'notes.txt'), 'Not a mail.');

    const second = await startMail({ dataDir });
    expect(await messagesAt(second.addresses.url)).toEqual([]);
    const left = (await readdir(dataDir)).filter((name) => !name.startsWith('lock'));
    expect(left).toEqual(['notes.txt']);
    await second.stop();
  });

  it('takes free ports when the preferred ones are busy', async () => {
    const [smtp, http] = [createServer(), createServer()];
    const [smtpPort, httpPort] = [await listen(smtp), await listen(http)];
    const server = await startMail({ dataDir, smtpPort, httpPort });
    expect(await messagesAt(server.addresses.url)).toEqual([]);
    expect(server.addresses.smtpUrl).not.toContain(`:${smtpPort}`);
    await server.stop();
    smtp.close();
    http.close();
    await Promise.all([once(smtp, 'close'), once(http, 'close')]);
  });

  it('refuses production before it touches the disk', async () => {
    const absent = join(dataDir, 'absent');
    const run = promisify(execFile)(process.execPath, [MAIN, JSON.stringify({ dataDir: absent })], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NODE_ENV=production'),
    });
    expect(await readdir(dataDir)).toEqual([]);
  });
});
