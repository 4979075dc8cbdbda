import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { startMail } from '../../../libs/dev-servers/src/start-servers.js';
import { listen } from '../../../libs/dev-servers/src/process/listen.js';
import { messagesAt, openMail } from './mail-client.js';
import { expectProductionRefused, serverMain } from './server-main.js';

const MAIN = serverMain('mail');

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mail-durability-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

describe('startMail', () => {
  it('keeps every accepted mail when it is killed during a burst', async () => {
    const first = await startMail({ dataDir });
    const transport = createTransport({
      pool: true,
      maxConnections: 4,
      maxRequeues: 0,
      url: first.addresses.smtpUrl,
    });
    const accepted: string[] = [];
    const enough = new Promise<void>((resolve) => {
      for (let index = 0; index < 200; index++) {
        const to = `member-${index}@example.org`;
        transport.sendMail({ from: 'a@example.org', to, text: 'x'.repeat(20_000) }).then(
          () => {
            accepted.push(to);
            if (accepted.length === 40) resolve();
          },
          // Not accepted, so it may be lost.
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
    expect(kept.flatMap(({ to }) => to)).toEqual(expect.arrayContaining(accepted));
    // Only complete mails, although some writes were interrupted.
    expect(kept.filter(({ text }) => text?.trim().length !== 20_000)).toEqual([]);
  });

  it('shows mail after a restart as before, with newer mail first', async () => {
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

  it('deletes incomplete mail at the next start', async () => {
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

  it('listens on free ports when the preferred ones are busy', async () => {
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

  it('refuses to run in production before it writes to disk', () => expectProductionRefused(MAIN, dataDir));
});
