import type { ClientConfig } from 'pg';
import { readPasswordFile } from '../setting-files.js';
import type { TlsFiles } from '../tls/tls-files.js';
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
