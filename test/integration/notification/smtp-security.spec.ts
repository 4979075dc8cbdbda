import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { smtpCheck, smtpConnection, SmtpSender, WithSmtp, type SmtpConnection } from '#libs/mail';
import { checkServer, loadConfig, NoConfig } from '#libs/platform';
import { createCertificateAuthority } from '../../../libs/dev-servers/src/certificates/certificate-authority.js';
import { until } from '../../support/until.js';

class Config extends WithSmtp(NoConfig) {}

const authority = createCertificateAuthority('Test CA', new Date());
const certificate = authority.issue('mail.example', ['127.0.0.1']);

const MAIL = {
  from: 'invitations@network.example',
  to: 'bob@example.com',
  messageId: '<e1.invitation.bob@network.example>',
  unsubscribeUrl: 'https://network.example/l/x',
  email: { subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' },
};

let dir: string;
let caFile: string;
const open: { close(): void }[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'test-smtp-'));
  caFile = await write('ca.crt', authority.ca);
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => rm(dir, { recursive: true }));

async function write(name: string, content: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

/** What a mail server saw of the logins. */
interface Login {
  readonly secure: boolean;
  readonly method: string;
  readonly user: string | undefined;
  readonly secret: string | undefined;
}

/** Starts a mail server that accepts one password or token. */
async function startMailServer(options: SMTPServerOptions = {}) {
  const logins: Login[] = [];
  const server = new SMTPServer({
    ...certificate,
    authMethods: ['PLAIN', 'XOAUTH2'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth({ method, username, password, accessToken }, session, done) {
      const secret = password ?? accessToken;
      logins.push({ secure: session.secure, method, user: username, secret });
      if (secret === 'right') done(null, { user: username ?? '' });
      else done(new Error('Invalid username or password'));
    },
    onData(stream, _session, done) {
      stream.resume().on('end', () => done());
    },
    ...options,
  });
  server.on('error', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push({ close: () => server.close() });
  return { logins, address: `127.0.0.1:${(server.server.address() as AddressInfo).port}` };
}

const connectionOf = (env: Record<string, string>): SmtpConnection =>
  smtpConnection(loadConfig(Config, { NODE_ENV: 'production', ...env }));

function senderOf(env: Record<string, string>): SmtpSender {
  const sender = new SmtpSender({ ...connectionOf(env), connections: 1 });
  open.push({ close: () => sender.close(true) });
  return sender;
}

const send = (sender: SmtpSender) => sender.send(MAIL, () => Promise.resolve(true));

const startError = (env: Record<string, string>) =>
  checkServer(smtpCheck(connectionOf(env)), 10_000).then(
    () => 'none',
    (error: Error) => error.message,
  );

const login = async (password: string, name = 'password') => ({
  SMTP_USERNAME: 'mailer',
  SMTP_PASSWORD_FILE: await write(name, `${password}\n`),
  SMTP_CA_FILE: caFile,
});

describe('a login at the mail server', () => {
  it.each(['smtp', 'smtps'])('is sent over TLS, whose server is verified: %s', async (scheme) => {
    const { logins, address } = await startMailServer({ secure: scheme === 'smtps' });
    const env = { SMTP_URL: `${scheme}://${address}`, ...(await login('right')) };
    expect(await startError(env)).toBe('none');
    expect(await send(senderOf(env))).toEqual({ outcome: 'sent' });
    expect(logins.length).toBe(2);
    for (const one of logins) expect(one).toMatchObject({ secure: true, user: 'mailer', secret: 'right' });
  });

  it('is not sent to a server without TLS', async () => {
    const { logins, address } = await startMailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    const env = { SMTP_URL: `smtp://mailer:right@${address}` };
    expect(await startError(env)).toMatch(/cannot be used: .*; the server may not offer TLS/);
    expect(await send(senderOf(env))).toMatchObject({ outcome: 'unreachable' });
    expect(logins).toEqual([]);
    expect(await send(senderOf({ ...env, SMTP_ALLOW_PLAINTEXT_LOGIN: 'true' }))).toEqual({ outcome: 'sent' });
    expect(logins).toMatchObject([{ secure: false }]);
  });

  it('is not sent to a server with another certificate', async () => {
    const { logins, address } = await startMailServer();
    const other = await write('other.crt', createCertificateAuthority('Other CA', new Date()).ca);
    const env = { SMTP_URL: `smtp://${address}`, ...(await login('right')), SMTP_CA_FILE: other };
    expect(await startError(env)).toContain('check SMTP_CA_FILE');
    expect(await send(senderOf(env))).toMatchObject({ outcome: 'unreachable' });
    expect(logins).toEqual([]);
  });

  it('takes a changed password from its file', async () => {
    const { address } = await startMailServer({ secure: true });
    const env = { SMTP_URL: `smtps://${address}`, ...(await login('wrong', 'changed')) };
    expect(await startError(env)).toMatch(
      /Invalid username or password; check SMTP_USERNAME and SMTP_PASSWORD_FILE/,
    );
    const sender = senderOf(env);
    expect(await send(sender)).toMatchObject({ outcome: 'unreachable' });
    await login('right', 'changed');
    await utimes(join(dir, 'changed'), 1, 1);
    await until(async () => (await send(sender)).outcome === 'sent', 30_000, 'the new password is used', 200);
  });

  it('is a token of the authorization server with XOAUTH2', async () => {
    const tokens = createServer((_request, response) => {
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ access_token: 'right', expires_in: 3_600 }));
    });
    await once(tokens.listen(0, '127.0.0.1'), 'listening');
    open.push({ close: () => tokens.close().closeAllConnections() });
    const { logins, address } = await startMailServer();
    const env = {
      SMTP_URL: `smtp://${address}`,
      SMTP_CA_FILE: caFile,
      SMTP_USERNAME: 'mailer@network.example',
      SMTP_OAUTH_TOKEN_URL: `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
      SMTP_OAUTH_CLIENT_ID: 'invitations',
      SMTP_OAUTH_CLIENT_SECRET_FILE: await write('client-secret', 'hush'),
    };
    expect(await startError(env)).toBe('none');
    expect(await send(senderOf(env))).toEqual({ outcome: 'sent' });
    expect(logins).toMatchObject([
      { method: 'XOAUTH2', secure: true, user: 'mailer@network.example', secret: 'right' },
      { method: 'XOAUTH2', secure: true },
    ]);
  });
});
