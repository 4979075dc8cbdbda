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

interface SocketError extends Error {
  readonly code?: string;
  readonly reason?: string;
}

/**
 * Returns in one line, for an operator, why a connection to a broker failed and which variable to look at.
 * @param tls undefined for a connection without TLS
 */
export function describeSocketError(error: Error, tls: TlsFiles | undefined): string {
  const { code = '', reason, message } = error as SocketError;
  if (error instanceof AggregateError) {
    return [...new Set(error.errors.map((one: unknown) => describeSocketError(one as Error, tls)))].join(
      '; ',
    );
  }
  if (tls === undefined) return message || code;
  if (UNKNOWN_AUTHORITY.has(code)) {
    return tls.caFile === undefined
      ? `no authority that Node trusts has signed the broker's certificate (${code}): set KAFKA_SSL_CA_FILE to that of its authority`
      : `no authority in KAFKA_SSL_CA_FILE has signed the broker's certificate (${code})`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the broker's certificate is for another host name than the one in KAFKA_BROKERS or in the broker's advertised.listeners (${reason ?? message})`;
  }
  if (code === 'CERT_HAS_EXPIRED') return "the broker's certificate has expired";
  if (code === 'CERT_NOT_YET_VALID') return "the broker's certificate is not valid yet: compare the clocks";
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'the broker does not speak TLS at this port, and KAFKA_SSL is on';
  }
  if (code === 'ECONNRESET') {
    return 'the broker closed the connection during the TLS handshake: it may not speak TLS at this port, or may refuse this client’s certificate';
  }
  if (code.includes('_ALERT_')) return describeAlert(code, tls);
  return message || code;
}

/** A TLS alert: what the broker says about this client's certificate or its version of TLS. */
function describeAlert(code: string, { certFile }: TlsFiles): string {
  const alert = code
    .replace(/^.*_ALERT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  if (alert === 'protocol version') return 'the broker supports no version of TLS that this client supports';
  return certFile === undefined
    ? `the broker ended the TLS handshake (${alert}): it may require a client certificate, in KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE`
    : `the broker refused the certificate in KAFKA_SSL_CERT_FILE (${alert})`;
}
