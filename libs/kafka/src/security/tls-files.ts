import type { SecureContext } from 'node:tls';
import { readSecureContext as readContext, type TlsFiles as NamedTlsFiles } from '#libs/platform';

/** The files of TLS connections, in PEM format. */
export type TlsFiles = Omit<NamedTlsFiles, 'prefix'>;

/** @throws ConfigError; kafkajs reports it as a failed connection and retries */
export const readSecureContext = (files: TlsFiles): SecureContext =>
  readContext({ ...files, prefix: 'KAFKA_SSL' });
