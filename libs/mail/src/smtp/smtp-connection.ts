import type SMTPPool from 'nodemailer/lib/smtp-pool';
import { readPemFile, SecretFile, type OAuthTokens } from '#libs/platform';
import type { DkimSettings } from '../mime/dkim-signer.js';

/** SMTP_URL asks for something that is not supported or not safe. The message contains no value of it. */
export class SmtpUrlError extends Error {}

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** Whether TLS begins with the connection. */
  readonly secure: boolean;
  readonly requireTls: boolean;
  readonly ignoreTls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Whether the server's certificate is verified. */
  readonly isVerified: boolean;
  /** The name of this client in EHLO. */
  readonly name: string | undefined;
}

/** nodemailer has many more parameters, and ignores what it does not know. Any of them might weaken a connection unnoticed. */
const PARAMETERS = new Set(['requireTLS', 'ignoreTLS', 'name', 'tls.rejectUnauthorized']);

/** @throws SmtpUrlError */
function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new SmtpUrlError('must be smtp[s]://[user:password@]host[:port]');
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.has(name))
      throw new SmtpUrlError(`has an unknown parameter; there are ${[...PARAMETERS].join(', ')}`);
  }
  const flag = (name: string, byDefault: boolean): boolean => {
    const value = url.searchParams.get(name);
    if (value === null) return byDefault;
    if (value !== 'true' && value !== 'false') throw new SmtpUrlError(`needs true or false for ${name}`);
    return value === 'true';
  };
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[(.+)\]$/, '$1'),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTls: flag('requireTLS', false),
    ignoreTls: flag('ignoreTLS', false),
    user: url.username === '' ? undefined : decode(url.username),
    password: url.password === '' ? undefined : decode(url.password),
    isVerified: flag('tls.rejectUnauthorized', true),
    name: url.searchParams.get('name') ?? undefined,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SmtpUrlError('has a user or a password with a % that is not percent-encoded');
  }
}

/** How to reach the mail server, and with which identity. The files are read again for new connections. */
export interface SmtpConnection {
  /** `smtp[s]://[user:password@]host[:port]`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
  /** Whether a password may be sent without TLS. */
  readonly allowsPlaintextLogin?: boolean | undefined;
  /** For a login with XOAUTH2. */
  readonly tokens?: Pick<OAuthTokens, 'getToken'> | undefined;
  /** How to sign e-mails; undefined where the mail server signs them, or nobody does. */
  readonly dkim?: DkimSettings | undefined;
}

/**
 * Decides about TLS. It is required for a login, so that nobody on the way reads the password, and where an authority is
 * configured.
 * @throws SmtpUrlError
 */
export function resolveSmtp(connection: SmtpConnection): SmtpServer {
  const server = parseSmtpUrl(connection.url);
  const { username, passwordFile, caFile, tokens, allowsPlaintextLogin = false } = connection;
  const user = username ?? server.user;
  if (username !== undefined && server.user !== undefined)
    throw new SmtpUrlError('contains a user although SMTP_USERNAME is set: remove one of them');
  if (passwordFile !== undefined && server.password !== undefined)
    throw new SmtpUrlError('contains a password although SMTP_PASSWORD_FILE is set: remove one of them');
  if (passwordFile !== undefined && user === undefined) throw new SmtpUrlError('needs SMTP_USERNAME');
  if (
    user !== undefined &&
    server.password === undefined &&
    passwordFile === undefined &&
    tokens === undefined
  )
    throw new SmtpUrlError('has a user without a password: set SMTP_PASSWORD_FILE');
  const mustBeEncrypted = caFile !== undefined || (user !== undefined && !allowsPlaintextLogin);
  if (server.ignoreTls && mustBeEncrypted && !server.secure)
    throw new SmtpUrlError(
      'ignores TLS, and the login would be sent in plain text: remove ignoreTLS, or set SMTP_ALLOW_PLAINTEXT_LOGIN=true and no SMTP_CA_FILE',
    );
  return { ...server, user, requireTls: server.requireTls || mustBeEncrypted };
}

/**
 * The options of nodemailer for one server. It copies them once: `refresh` makes its copy follow the files.
 * @throws ConfigError if a file cannot be read
 */
export function smtpOptions(connection: SmtpConnection): {
  readonly options: Pick<
    SMTPPool.Options,
    'host' | 'port' | 'secure' | 'requireTLS' | 'ignoreTLS' | 'name' | 'tls' | 'auth'
  >;
  readonly refresh: (copy: { tls?: object | undefined; auth?: object | undefined }) => void;
} {
  const server = resolveSmtp(connection);
  const { passwordFile, caFile, tokens } = connection;
  const password =
    passwordFile === undefined ? undefined : new SecretFile('SMTP_PASSWORD_FILE', passwordFile);
  if (caFile !== undefined) readPemFile('SMTP_CA_FILE', caFile, 'CERTIFICATE');
  const ca = caFile === undefined ? undefined : new SecretFile('SMTP_CA_FILE', caFile);
  return {
    options: {
      host: server.host,
      port: server.port,
      secure: server.secure,
      // With `secure`, nodemailer would require STARTTLS in addition.
      requireTLS: server.requireTls && !server.secure,
      ignoreTLS: server.ignoreTls,
      ...(server.name === undefined ? {} : { name: server.name }),
      tls: { rejectUnauthorized: server.isVerified, ...(ca === undefined ? {} : { ca: ca.value }) },
      ...(server.user === undefined ? {} : { auth: authOf(server, password, tokens) }),
    },
    refresh: (copy) => {
      const define = (target: object | undefined, name: string, file: SecretFile | undefined) => {
        if (target === undefined || file === undefined) return;
        Object.defineProperty(target, name, { get: () => file.value, enumerable: true, configurable: true });
      };
      define(copy.tls, 'ca', ca);
      define(copy.auth, 'pass', password);
    },
  };
}

function authOf(
  { user, password }: SmtpServer,
  file: SecretFile | undefined,
  tokens: SmtpConnection['tokens'],
): NonNullable<SMTPPool.Options['auth']> {
  if (tokens === undefined) return { user: user!, pass: file?.value ?? password ?? '' };
  return {
    type: 'OAuth2',
    user: user!,
    provisionCallback: (_user, _renew, respond) => {
      // Without an expiry nodemailer would keep the token of a connection, which asks only once anyway.
      tokens.getToken().then(
        ({ value }) => respond(null, value),
        (error: unknown) => respond(error instanceof Error ? error : new Error(String(error))),
      );
    },
  };
}
