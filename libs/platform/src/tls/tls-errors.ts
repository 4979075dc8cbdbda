import type { TlsFiles } from './tls-files.js';

/** OpenSSL's and Node's codes for a certificate whose authority is not known. */
const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/**
 * Returns in one line, for an operator, why TLS with a server failed and which variable to look at.
 * @param address the variable with the server's host name
 * @returns undefined if the error has another cause
 */
export function describeTlsError(
  error: Error,
  { prefix, caFile, certFile }: TlsFiles,
  address: string,
): string | undefined {
  const { code = '', reason } = error as { code?: string; reason?: string };
  if (UNKNOWN_AUTHORITY.has(code)) {
    return caFile === undefined
      ? `no authority that Node trusts has signed the server's certificate (${code}): set ${prefix}_CA_FILE to the certificate of its authority`
      : `no authority in ${prefix}_CA_FILE has signed the server's certificate (${code})`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the server's certificate is for another host name than the one in ${address} (${reason ?? error.message})`;
  }
  if (code === 'CERT_HAS_EXPIRED') return "the server's certificate has expired";
  if (code === 'CERT_NOT_YET_VALID') return "the server's certificate is not valid yet: compare the clocks";
  if (!code.includes('_ALERT_')) return undefined;
  const alert = code
    .replace(/^.*_ALERT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  if (alert === 'protocol version') return 'the server supports no version of TLS that this client supports';
  return certFile === undefined
    ? `the server ended the TLS handshake (${alert}): it may require a client certificate, in ${prefix}_CERT_FILE and ${prefix}_KEY_FILE`
    : `the server refused the certificate in ${prefix}_CERT_FILE (${alert})`;
}
