import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError } from './config.js';
import { readPemFile } from './setting-files.js';

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

/** OpenSSL's and Node's codes for a certificate whose authority is not known. */
const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** How the server is called in a message: `server` or `broker`, and where its host name comes from. */
interface ServerName {
  readonly server?: 'server' | 'broker';
  /** The variable with the host name. */
  readonly address: string;
}

/**
 * Returns in one line, for an operator, why TLS with a server failed and which variable to look at.
 * @returns undefined if the error has another cause
 */
export function describeTlsError(
  error: Error,
  { prefix, caFile, certFile }: TlsFiles,
  { server = 'server', address }: ServerName,
): string | undefined {
  const { code = '', reason } = error as { code?: string; reason?: string };
  if (UNKNOWN_AUTHORITY.has(code)) {
    return caFile === undefined
      ? `no authority that Node trusts has signed the ${server}'s certificate (${code}): set ${prefix}_CA_FILE to the certificate of its authority`
      : `no authority in ${prefix}_CA_FILE has signed the ${server}'s certificate (${code})`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the ${server}'s certificate is for another host name than the one in ${address} (${reason ?? error.message})`;
  }
  if (code === 'CERT_HAS_EXPIRED') return `the ${server}'s certificate has expired`;
  if (code === 'CERT_NOT_YET_VALID')
    return `the ${server}'s certificate is not valid yet: compare the clocks`;
  if (!code.includes('_ALERT_')) return undefined;
  // What the server says about this client's certificate or its version of TLS.
  const alert = code
    .replace(/^.*_ALERT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  if (alert === 'protocol version')
    return `the ${server} supports no version of TLS that this client supports`;
  return certFile === undefined
    ? `the ${server} ended the TLS handshake (${alert}): it may require a client certificate, in ${prefix}_CERT_FILE and ${prefix}_KEY_FILE`
    : `the ${server} refused the certificate in ${prefix}_CERT_FILE (${alert})`;
}
