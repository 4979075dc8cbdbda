/** What the TLS library says, and what an operator can do about it. */
const TLS_ERRORS: readonly (readonly [RegExp, string])[] = [
  [
    /unable to verify|self-signed|unable to get (?:local )?issuer/,
    "the server's certificate is signed by an authority that is not trusted here; set EVENTSTORE_CA_FILE to the authority's certificate",
  ],
  [/altnames/, "the server's certificate is not for the host in EVENTSTORE_URL"],
  [
    /wrong version number|packet length too long/,
    'the server does not speak TLS; check the port, and add tls=false to EVENTSTORE_URL only for a server without TLS',
  ],
];

/**
 * @param cause the client's reason why it could not connect
 * @returns one line
 */
export function explainConnectionError(cause: string, isPlain: boolean): string {
  const [line = ''] = cause.trim().split('\n');
  const [, explanation] = TLS_ERRORS.find(([pattern]) => pattern.test(line)) ?? [];
  if (explanation !== undefined) return /altnames/.test(line) ? `${explanation}: ${line}` : explanation;
  // gRPC adds the time. A server that expects TLS closes the connection without a reason.
  if (isPlain && line.startsWith('Failed to connect'))
    return 'the server closes connections without TLS; remove tls=false from EVENTSTORE_URL';
  return line;
}
