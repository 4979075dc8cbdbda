import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import {
  describeTlsError,
  readSecureContext as readContext,
  type TlsFiles as NamedTlsFiles,
} from '#libs/platform';

/** What the names of the variables begin with. */
const PREFIX = 'KAFKA_SSL';

/** The files of TLS connections, in PEM format. */
export type TlsFiles = Omit<NamedTlsFiles, 'prefix'>;

/** @throws ConfigError; kafkajs reports it as a failed connection and retries */
const readSecureContext = (files: TlsFiles): SecureContext => readContext({ ...files, prefix: PREFIX });

/** As kafkajs has it. */
const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * Opens the connections of kafkajs, with TLS if `tls` is given. The files are read for each connection, so that a renewed
 * certificate needs no restart. The error of a connection says what is wrong, and which variable to look at.
 */
export const createSocketFactory =
  (tls: TlsFiles | undefined, hasLogin: boolean): ISocketFactory =>
  ({ host, port, onConnect }) => {
    const socket =
      tls === undefined
        ? connectTcp({ host, port }, onConnect)
        : connectTls(
            {
              host,
              port,
              secureContext: readSecureContext(tls),
              // A certificate may be for an address too, but TLS has no way to ask for one by address.
              ...(isIP(host) === 0 ? { servername: host } : {}),
            },
            onConnect,
          );
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    // Before kafkajs adds its own listener, which logs and reports the message.
    socket.on('error', (error) => {
      error.message = describeSocketError(error, tls);
    });
    explainEarlyEnd(socket, tls, hasLogin);
    return socket;
  };

/** The first byte of a TLS alert. A response of Kafka begins with its length, which would be more than 300 MiB. */
const TLS_ALERT = 0x15;

const LOGIN_MISSING =
  'the broker closed the connection after the first request: it may require a login (KAFKA_SASL_MECHANISM)';

function describeSilentEnd(tls: TlsFiles | undefined): string {
  const cause =
    tls === undefined
      ? 'speak TLS at this port (KAFKA_SSL)'
      : tls.certFile === undefined
        ? 'require a client certificate (KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE)'
        : 'have refused the certificate in KAFKA_SSL_CERT_FILE';
  return `the broker closed the connection without a response: it may ${cause}`;
}

/**
 * A broker that speaks TLS or wants a login closes the connection of a client without it, and says nothing, or a TLS alert.
 * kafkajs reports no more than "Closed connection".
 */
function explainEarlyEnd(socket: Socket, tls: TlsFiles | undefined, hasLogin: boolean): void {
  let isOpen = false;
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => (isOpen = true));
  let chunks = 0;
  let isAlert = false;
  let writtenBeforeResponse = 0;
  socket.on('data', (bytes: Buffer) => {
    chunks += 1;
    if (chunks === 1) writtenBeforeResponse = socket.bytesWritten;
    if (tls !== undefined || chunks > 1 || bytes[0] !== TLS_ALERT) return;
    isAlert = true;
    socket.destroy(new Error('the broker speaks TLS at this port: set KAFKA_SSL to true'));
  });
  socket.on('end', () => {
    // Node itself reports an end during the TLS handshake.
    if (isAlert || !isOpen) return;
    // A connection that this client closes, or that waits for nothing, also ends.
    if (socket.writableEnded || socket.bytesWritten === writtenBeforeResponse) return;
    const reason =
      chunks === 0 ? describeSilentEnd(tls) : chunks === 1 && !hasLogin ? LOGIN_MISSING : undefined;
    // kafkajs listens for this event too, and reports it before it handles the end of the connection.
    if (reason !== undefined) socket.emit('error', new Error(reason));
  });
}

const BROKER = {
  server: 'broker',
  address: "KAFKA_BROKERS or in the broker's advertised.listeners",
} as const;

/**
 * Returns in one line, for an operator, why a connection to a broker failed and which variable to look at.
 * @param tls undefined for a connection without TLS
 */
function describeSocketError(error: Error, tls: TlsFiles | undefined): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError) {
    return [...new Set(error.errors.map((one: unknown) => describeSocketError(one as Error, tls)))].join(
      '; ',
    );
  }
  if (tls === undefined) return message || code;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'the broker does not speak TLS at this port, and KAFKA_SSL is on';
  }
  if (code === 'ECONNRESET') {
    return 'the broker closed the connection during the TLS handshake: it may not speak TLS at this port, or may refuse this client’s certificate';
  }
  return describeTlsError(error, { ...tls, prefix: PREFIX }, BROKER) ?? (message || code);
}
