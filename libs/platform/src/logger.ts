import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * JSON lines on stdout. Ids may be logged; e-mail addresses and texts of members may not, so nothing logs a whole
 * message, event or error cause that holds one.
 *
 * Written synchronously: pino's default loses the order of the last lines before an exit, and may lose the lines.
 */
export function createLogger(app: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino(
    {
      base: { app },
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 1, sync: true }),
  );
}
