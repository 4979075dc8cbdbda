import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError } from '../config.js';
import { readSettingFile } from '../setting-files.js';

/** The files of TLS connections to one server, in PEM format. */
export interface TlsFiles {
  /** What the names of the variables begin with, for error messages, such as `DATABASE`. */
  readonly prefix: string;
  /** The authorities that may have signed the server's certificate; by default those that Node trusts. */
  readonly caFile?: string | undefined;
  /** The certificate of this client and its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/**
 * Reads the files. Callers do so for each new connection, so that a renewed certificate needs no restart.
 * @throws ConfigError
 */
export function readSecureContext({ prefix, caFile, certFile, keyFile }: TlsFiles): SecureContext {
  const options = {
    ...(caFile === undefined ? {} : { ca: readPemFile(`${prefix}_CA_FILE`, caFile, 'CERTIFICATE') }),
    ...(certFile === undefined ? {} : { cert: readPemFile(`${prefix}_CERT_FILE`, certFile, 'CERTIFICATE') }),
    ...(keyFile === undefined ? {} : { key: readPemFile(`${prefix}_KEY_FILE`, keyFile, 'PRIVATE KEY') }),
  };
  try {
    return createSecureContext(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
        ? `the key in ${prefix}_KEY_FILE does not belong to the certificate in ${prefix}_CERT_FILE`
        : `a file of ${prefix}_CA_FILE, ${prefix}_CERT_FILE and ${prefix}_KEY_FILE is damaged (${code ?? 'unknown'})`,
    );
  }
}

/** OpenSSL ignores a file of authorities that has none, and does not name the file of another mistake. */
export function readPemFile(variable: string, path: string, content: 'CERTIFICATE' | 'PRIVATE KEY'): string {
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
