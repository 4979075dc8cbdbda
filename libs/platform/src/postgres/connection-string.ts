import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';

/**
 * How a connection uses TLS: not at all, with a server that it verifies (its authority and its host name, which libpq calls
 * verify-full), or with any server.
 */
export type TlsMode = 'off' | 'verified' | 'unverified';

export interface ParsedConnectionString {
  /** Without anything about TLS, which `pg` is told separately. */
  readonly config: ClientConfig;
  /** Undefined if the connection string says nothing about TLS. */
  readonly mode: TlsMode | undefined;
  /** libpq's names for what DATABASE_CA_FILE, DATABASE_CERT_FILE and DATABASE_KEY_FILE name. */
  readonly sslrootcert: string | undefined;
  readonly sslcert: string | undefined;
  readonly sslkey: string | undefined;
}

/** The connection string asks for something that is not supported or not safe. The message contains no value of it. */
export class ConnectionStringError extends Error {}

/**
 * `pg` takes `require` for `verify-full` today and will not verify the server in its next version, takes `ssl=false` for
 * TLS, and ignores an unknown mode. So the modes are read here, and only those that mean the same everywhere are supported.
 */
const MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  'verify-full': 'verified',
  require: 'unverified',
  'no-verify': 'unverified',
};
const SSL: Readonly<Record<string, TlsMode>> = { true: 'verified', 1: 'verified', false: 'off', 0: 'off' };

/** Parameters about TLS that `pg` knows. All others that look like one are refused, because they would have no effect. */
const TLS_PARAMETERS = new Set(['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation']);
const LOOKS_LIKE_TLS = /ssl|tls|cert|rejectUnauthorized|libpqcompat/i;

/**
 * @param environment PGSSLMODE counts if the connection string names no mode, as for `psql`
 * @throws ConnectionStringError
 */
export function parseConnectionString(
  connectionString: string,
  environment: NodeJS.ProcessEnv = process.env,
): ParsedConnectionString {
  const [address, parameters] = splitParameters(connectionString);
  const take = (name: string) => {
    const value = parameters.getAll(name).at(-1);
    if (name !== 'sslnegotiation') parameters.delete(name);
    return value === '' ? undefined : value;
  };
  for (const name of parameters.keys()) {
    if (LOOKS_LIKE_TLS.test(name) && !TLS_PARAMETERS.has(name))
      throw new ConnectionStringError('has an unknown parameter about TLS; see docs/secure-connections.md');
  }
  const [ssl, sslmode] = [take('ssl'), take('sslmode')];
  const [sslrootcert, sslcert, sslkey] = [take('sslrootcert'), take('sslcert'), take('sslkey')];
  const mode =
    sslmode === undefined && ssl !== undefined
      ? (SSL[ssl] ?? unsupported('ssl'))
      : sslmodeOf(sslmode ?? environment['PGSSLMODE']);
  const query = parameters.size > 0 ? `?${parameters}` : '';
  return { config: parse(`${address}${query}`), mode, sslrootcert, sslcert, sslkey };
}

function splitParameters(connectionString: string): [string, URLSearchParams] {
  // The path of a Unix socket and the name of the database; it has no parameters.
  if (connectionString.startsWith('/')) return [connectionString, new URLSearchParams()];
  const [withoutFragment = ''] = connectionString.split('#');
  const [address = '', ...query] = withoutFragment.split('?');
  return [address, new URLSearchParams(query.join('?'))];
}

function sslmodeOf(sslmode: string | undefined): TlsMode | undefined {
  if (sslmode === undefined || sslmode === '') return undefined;
  if (sslmode === 'verify-ca')
    throw new ConnectionStringError(
      'has sslmode=verify-ca, which accepts any host name: use sslmode=verify-full',
    );
  if (sslmode === 'prefer' || sslmode === 'allow')
    throw new ConnectionStringError(
      `has sslmode=${sslmode}, which sends everything in plain text if the server asks for that: use sslmode=verify-full, or disable`,
    );
  return MODES[sslmode] ?? unsupported('sslmode');
}

function unsupported(parameter: string): never {
  throw new ConnectionStringError(`has an unknown ${parameter}: use sslmode=verify-full, or disable`);
}

/** The schemes that `pg` knows, and the path of a Unix socket. It takes any other text for the name of a database on this machine. */
const KNOWN_BEGINNING = /^(?:postgres(?:ql)?:\/\/|socket:|\/)/i;

function parse(connectionString: string): ClientConfig {
  try {
    if (KNOWN_BEGINNING.test(connectionString)) return parseIntoClientConfig(connectionString);
  } catch {
    // An invalid address.
  }
  throw new ConnectionStringError('is not postgres://[user[:password]@]host[:port]/database[?parameters]');
}
