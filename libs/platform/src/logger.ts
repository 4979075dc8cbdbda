import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * JSON lines on stdout. Ids may be logged; e-mail addresses and texts of members may not, so nothing logs a whole
 * message, event or error cause that holds one.
 *
 * Written synchronously: pino's default loses the order of the last lines before an exit, and may lose the lines.
 */
export function createLogger(
  app: string,
  level = process.env['LOG_LEVEL'] ?? 'info',
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  return pino(
    {
      base: { app },
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: withoutDetails },
    },
    destination,
  );
}

/** Errors of clients carry what they failed on: PostgreSQL's `detail` quotes the row, with a member's text in it. */
function withoutDetails(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error;
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack, code: (error as { code?: unknown }).code };
}
