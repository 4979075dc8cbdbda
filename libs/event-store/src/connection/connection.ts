import { createPrivateKey, X509Certificate } from 'node:crypto';
import { EventStoreDBClient, type Credentials } from '@eventstore/db-client';
import { ConfigError, readFileVersion, readSettingFile, SecretFile } from '#libs/platform';
import { parseConnectionString, type ConnectionString } from './connection-string.js';
import type { EventStoreConfig } from './event-store.config.js';

/**
 * Creates the one client of a process. There must not be a second one: the client's module keeps pending appends for all
 * clients together, so a connection of another client that breaks would reject ours.
 * @throws ConfigError for variables or a connection string that are not valid; it contains no password
 */
export const connectEventStore = (address: EventStoreAddress): EventStoreDBClient =>
  createClient(readConnection(address));

/** A connection string alone, or with the other variables. */
export type EventStoreAddress = string | EventStoreConfig;

type Certificates = NonNullable<ConstructorParameters<typeof EventStoreDBClient>[1]>;

/** All that a client needs to connect. The files have been read. */
export interface Connection extends Pick<ConnectionString, 'hosts' | 'isDiscovered' | 'clientOptions'> {
  readonly credentials: Credentials | undefined;
  readonly certificates: Certificates;
}

/** @throws ConfigError that names the variable; it contains neither a password nor the path of a file */
export function readConnection(address: EventStoreAddress): Connection {
  const config: EventStoreConfig = typeof address === 'string' ? { EVENTSTORE_URL: address } : address;
  const url = parseConnectionString(config.EVENTSTORE_URL);
  const credentials = readCredentials(config, url);
  const certificates = readCertificates(config, url);
  if (credentials !== undefined && !url.isEncrypted)
    throw new ConfigError(
      'EVENTSTORE_URL has tls=false, but there is a user and a password: without TLS the client sends neither; remove one',
    );
  const { hosts, isDiscovered, clientOptions } = url;
  return { hosts, isDiscovered, clientOptions, credentials, certificates };
}

/**
 * Creates a client. It never sees the connection string, which it would print.
 * @throws ConfigError for a certificate or a key that TLS cannot use
 */
export function createClient(connection: Connection): EventStoreDBClient {
  try {
    return newClient(connection);
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`the certificates or the key for EventStoreDB cannot be used: ${code}`);
  }
}

function newClient(connection: Connection): EventStoreDBClient {
  const { hosts, isDiscovered, clientOptions, certificates, credentials } = connection;
  const [first, ...others] = hosts;
  // The client would ask only the first of several hosts that are to be discovered.
  if (others.length > 0)
    return new EventStoreDBClient({ ...clientOptions, endpoints: [...hosts] }, certificates, credentials);
  if (isDiscovered)
    return new EventStoreDBClient({ ...clientOptions, discover: first! }, certificates, credentials);
  return new EventStoreDBClient({ ...clientOptions, endpoint: first! }, certificates, credentials);
}

function readCredentials(config: EventStoreConfig, url: ConnectionString): Credentials | undefined {
  const { EVENTSTORE_USERNAME: username, EVENTSTORE_PASSWORD_FILE: passwordFile } = config;
  if (username === undefined && passwordFile === undefined) return url.credentials;
  if (username === undefined || passwordFile === undefined)
    throw new ConfigError('EVENTSTORE_USERNAME and EVENTSTORE_PASSWORD_FILE must be set together');
  if (url.credentials !== undefined)
    throw new ConfigError(
      'EVENTSTORE_URL has a user and a password, and EVENTSTORE_USERNAME is set: remove one',
    );
  const password = new SecretFile('EVENTSTORE_PASSWORD_FILE', passwordFile);
  return {
    username,
    // The client reads it for each call, so that a new password is used without a restart.
    get password() {
      return password.value;
    },
  };
}

function readCertificates(config: EventStoreConfig, url: ConnectionString): Certificates {
  const ca = fileOf('EVENTSTORE_CA_FILE', config.EVENTSTORE_CA_FILE, 'tlsCAFile', url.caFile);
  const cert = fileOf('EVENTSTORE_CERT_FILE', config.EVENTSTORE_CERT_FILE, 'userCertFile', url.certFile);
  const key = fileOf('EVENTSTORE_KEY_FILE', config.EVENTSTORE_KEY_FILE, 'userKeyFile', url.keyFile);
  if ((cert === undefined) !== (key === undefined))
    throw new ConfigError('EVENTSTORE_CERT_FILE and EVENTSTORE_KEY_FILE must be set together');
  if (!url.isEncrypted && [ca, cert].some((file) => file !== undefined))
    throw new ConfigError(
      'EVENTSTORE_URL has tls=false, but certificates are set: remove tls=false, or the certificates',
    );
  return {
    insecure: !url.isEncrypted,
    ...(ca === undefined ? {} : { rootCertificate: ca }),
    ...(cert === undefined || key === undefined ? {} : { userCertFile: cert, userKeyFile: key }),
  };
}

/** Returns a text that changes when a file of a certificate or a key is replaced. @throws ConfigError for the connection string */
export function certificateVersion(address: EventStoreAddress): string {
  const config: EventStoreConfig = typeof address === 'string' ? { EVENTSTORE_URL: address } : address;
  const { caFile, certFile, keyFile } = parseConnectionString(config.EVENTSTORE_URL);
  const { EVENTSTORE_CA_FILE, EVENTSTORE_CERT_FILE, EVENTSTORE_KEY_FILE } = config;
  return [EVENTSTORE_CA_FILE ?? caFile, EVENTSTORE_CERT_FILE ?? certFile, EVENTSTORE_KEY_FILE ?? keyFile]
    .map((path) => (path === undefined ? '' : readFileVersion(path)))
    .join(', ');
}

/** Reads the file that a variable or an option of the connection string names. */
function fileOf(
  variable: string,
  value: string | undefined,
  option: string,
  optionValue: string | undefined,
): Buffer | undefined {
  if (value !== undefined && optionValue !== undefined)
    throw new ConfigError(`${variable} is set, and EVENTSTORE_URL has ${option}: remove one`);
  const path = value ?? optionValue;
  if (path === undefined) return undefined;
  const name = value === undefined ? `${option} in EVENTSTORE_URL` : variable;
  const content = readSettingFile(name, path);
  if (!isPem(content, option === 'userKeyFile'))
    throw new ConfigError(
      `the file that ${name} names holds no ${option === 'userKeyFile' ? 'private key' : 'certificate'} in PEM`,
    );
  return content;
}

/** TLS ignores a certificate that it cannot read, and reports later that the server's is not trusted. */
function isPem(content: Buffer, isKey: boolean): boolean {
  try {
    return isKey ? createPrivateKey(content).type === 'private' : new X509Certificate(content).raw.length > 0;
  } catch {
    return false;
  }
}
