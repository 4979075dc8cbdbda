import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError, readSettingFile } from '#libs/platform';

/** The files of TLS connections, in PEM format. */
export interface TlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** @throws ConfigError; kafkajs reports it as a failed connection and retries */
export function readSecureContext({ caFile, certFile, keyFile }: TlsFiles): SecureContext {
  const options = {
    ...(caFile === undefined ? {} : { ca: readPemFile('KAFKA_SSL_CA_FILE', caFile, 'CERTIFICATE') }),
    ...(certFile === undefined ? {} : { cert: readPemFile('KAFKA_SSL_CERT_FILE', certFile, 'CERTIFICATE') }),
    ...(keyFile === undefined ? {} : { key: readPemFile('KAFKA_SSL_KEY_FILE', keyFile, 'PRIVATE KEY') }),
  };
  try {
    return createSecureContext(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
        ? 'the key in KAFKA_SSL_KEY_FILE does not belong to the certificate in KAFKA_SSL_CERT_FILE'
        : `a file of KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE is damaged (${code ?? 'unknown'})`,
    );
  }
}

/** OpenSSL ignores a file of authorities that has none, and does not name the file of another mistake. */
function readPemFile(variable: string, path: string, content: 'CERTIFICATE' | 'PRIVATE KEY'): string {
  const text = readSettingFile(variable, path).toString('utf8');
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: .*ENCRYPTED/m.test(text)) {
    throw new ConfigError(
      `the key in the file that ${variable} names is encrypted: it must be without a password`,
    );
  }
  if (!new RegExp(`-----BEGIN (?:[A-Z]+ )?${content}-----`).test(text)) {
    throw new ConfigError(`the file that ${variable} names has no ${content.toLowerCase()} in PEM format`);
  }
  return text;
}
