import type { ConnectionOptions } from 'node:tls';
import { type ClientConfig, Client } from 'pg';
import { readPasswordFile } from '../setting-files.js';
import { type TlsFiles, readSecureContext, describeTlsError } from '../tls.js';
import { ConnectionStringError, parseConnectionString, type TlsMode } from './connection-string.js';

/** How to reach the database, and with which identity. The files are read again for each new connection. */
export interface PostgresConnection {
  readonly url: string;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** The same for `pg`. */
export interface ResolvedConnection {
  readonly config: ClientConfig;
  readonly mode: TlsMode;
  readonly files: TlsFiles;
}

/**
 * Decides about TLS: any file turns it on, and the server is then verified.
 * @throws ConnectionStringError
 */
export function resolveConnection(connection: PostgresConnection): ResolvedConnection {
  const { url, passwordFile } = connection;
  const { config, mode, sslrootcert, sslcert, sslkey } = parseConnectionString(url);
  const files: TlsFiles = {
    prefix: 'DATABASE',
    caFile: connection.caFile ?? sslrootcert,
    certFile: connection.certFile ?? sslcert,
    keyFile: connection.keyFile ?? sslkey,
  };
  const hasFiles = [files.caFile, files.certFile, files.keyFile].some((file) => file !== undefined);
  if (hasFiles && mode === 'off')
    throw new ConnectionStringError('turns TLS off (sslmode=disable) although certificate files are set');
  if (passwordFile !== undefined && config.password)
    throw new ConnectionStringError(
      'contains a password although DATABASE_PASSWORD_FILE is set: remove one of them',
    );
  const { sslnegotiation } = config;
  const impliesTls = hasFiles || sslnegotiation === 'direct';
  if (
    sslnegotiation !== undefined &&
    sslnegotiation !== 'postgres' &&
    (sslnegotiation !== 'direct' || mode === 'off')
  )
    throw new ConnectionStringError(
      'has an sslnegotiation that is not possible: use direct, with sslmode=verify-full',
    );
  const password =
    passwordFile === undefined
      ? {}
      : { password: () => readPasswordFile('DATABASE_PASSWORD_FILE', passwordFile) };
  return {
    config: { ...config, ...password },
    mode: files.caFile === undefined ? (mode ?? (impliesTls ? 'verified' : 'off')) : 'verified',
    files,
  };
}

type OnConnected = (error: Error | null, client?: Client) => void;

/**
 * Returns the class of a connection's clients. Each client reads the certificates and the password when it connects, so that
 * a renewed file needs no restart. An error says in one line what is wrong with them.
 */
export function clientClass(connection: PostgresConnection): new (config?: ClientConfig) => Client {
  const resolved = resolveConnection(connection);
  return class PostgresClient extends Client {
    /** `pg` reads it when the server has agreed to TLS. */
    private readonly tls: ConnectionOptions;

    constructor(config: ClientConfig = {}) {
      const tls: ConnectionOptions = {};
      // Never undefined: `pg` would then follow PGSSLMODE.
      super({ ...config, ...resolved.config, ssl: resolved.mode === 'off' ? false : tls });
      this.tls = tls;
    }

    override connect(): Promise<Client>;
    override connect(callback: OnConnected): void;
    override connect(callback?: OnConnected): Promise<Client> | void {
      if (callback === undefined) {
        return new Promise((resolve, reject) => {
          this.connect((error) => (error ? reject(error) : resolve(this)));
        });
      }
      try {
        if (resolved.mode !== 'off') Object.assign(this.tls, readTlsOptions(resolved));
      } catch (error) {
        process.nextTick(callback, error);
        return;
      }
      super.connect((error: Error | null) => {
        if (error === null) callback(null, this);
        else callback(withAdvice(error, connection, resolved));
      });
    }
  };
}

const readTlsOptions = ({ mode, files }: ResolvedConnection): ConnectionOptions => ({
  secureContext: readSecureContext(files),
  rejectUnauthorized: mode === 'verified',
});

/** PostgreSQL's codes for a login that it refuses. */
const INVALID_PASSWORD = '28P01';
const INVALID_AUTHORIZATION = '28000';

/** Says what to do in the message of the error, which keeps its code. */
function withAdvice(error: Error, { passwordFile }: PostgresConnection, resolved: ResolvedConnection): Error {
  const { mode, files } = resolved;
  const describe = (): string | undefined => {
    const { code } = error as { code?: string };
    if (error.message === 'The server does not support SSL connections')
      return 'the server does not speak TLS, which DATABASE_URL or DATABASE_CA_FILE asks for';
    if (code === INVALID_PASSWORD)
      return `${error.message}; check ${passwordFile === undefined ? 'DATABASE_PASSWORD_FILE, or the password in DATABASE_URL' : 'DATABASE_PASSWORD_FILE'}`;
    if (code === INVALID_AUTHORIZATION)
      return mode === 'off'
        ? `${error.message}; the server may only accept TLS (DATABASE_CA_FILE)`
        : `${error.message}; the server may require the certificate of this user (DATABASE_CERT_FILE, DATABASE_KEY_FILE)`;
    return mode === 'off' ? undefined : describeTlsError(error, files, { address: 'DATABASE_URL' });
  };
  error.message = describe() ?? error.message;
  return error;
}
