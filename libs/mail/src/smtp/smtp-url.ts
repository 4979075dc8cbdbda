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
export function parseSmtpUrl(text: string): SmtpServer {
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
