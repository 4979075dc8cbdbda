import type { Server as HttpsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { ConfigError, readPemFile, type Logger } from '#libs/platform';

/** The certificate of this server and its key, in PEM format. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
}

interface TlsVariables {
  readonly TLS_CERT_FILE?: string;
  readonly TLS_KEY_FILE?: string;
}

/**
 * Reads the files of the server's certificate.
 * @returns undefined for a server without TLS
 * @throws ConfigError
 */
export function readServerTls({ TLS_CERT_FILE, TLS_KEY_FILE }: TlsVariables): ServerTls | undefined {
  if (TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return undefined;
  const tls = {
    cert: readPemFile('TLS_CERT_FILE', TLS_CERT_FILE, 'CERTIFICATE'),
    key: readPemFile('TLS_KEY_FILE', TLS_KEY_FILE, 'PRIVATE KEY'),
  };
  try {
    createSecureContext(tls);
  } catch (error) {
    const { code = 'unknown' } = error as { code?: string };
    throw new ConfigError(
      `the files of TLS_CERT_FILE and TLS_KEY_FILE do not belong together, or are damaged (${code})`,
    );
  }
  return tls;
}

const RENEWAL_CHECK_MS = 10_000;

/** Uses a renewed certificate for new connections. Until both files are replaced and belong together, the former one serves. */
export function followRenewedCertificate(
  server: HttpsServer,
  config: TlsVariables,
  logger: Logger,
  everyMs = RENEWAL_CHECK_MS,
): void {
  let current = readServerTls(config);
  let hasWarned = false;
  const timer = setInterval(() => {
    try {
      const next = readServerTls(config);
      hasWarned = false;
      if (next === undefined || (next.cert === current?.cert && next.key === current.key)) return;
      server.setSecureContext(next);
      current = next;
      logger.info('new connections get the renewed certificate of TLS_CERT_FILE');
    } catch (error) {
      if (!hasWarned)
        logger.warn({ err: error }, 'the certificate cannot be renewed; the former one is still served');
      hasWarned = true;
    }
  }, everyMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}
