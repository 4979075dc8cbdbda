import { currentTraceIds } from './tracing/span.js';
import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * Creates a logger that writes JSON lines to stdout. Ids may be logged. E-mail addresses and texts of members may not, so
 * no code logs a whole message, an event, or an error cause that contains one.
 *
 * Lines are written synchronously: pino's default may reorder or lose the last lines before an exit.
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
      mixin: traceFields,
      serializers: { err: serializeError },
    },
    destination,
  );
}

/** The trace of the work that a line is about, or the first traces of a batch. */
function traceFields(): object {
  const ids = currentTraceIds();
  return ids.length === 0 ? {} : ids.length === 1 ? { traceId: ids[0] } : { traceIds: ids };
}

/** Drops all other fields of an error: PostgreSQL's `detail`, for example, quotes a row with a member's text. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error;
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack, code: (error as { code?: unknown }).code };
}
