import type { ConnectionOptions } from 'node:tls';
import { Client, type ClientConfig } from 'pg';
import { describeTlsError } from '../tls/tls-errors.js';
import { readSecureContext } from '../tls/tls-files.js';
import { resolveConnection, type PostgresConnection, type ResolvedConnection } from './connection.js';

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
    return mode === 'off' ? undefined : describeTlsError(error, files, 'DATABASE_URL');
  };
  error.message = describe() ?? error.message;
  return error;
}
