import type { Logger } from './logger.js';

/** An app that runs: how it ends in good order. */
export interface Running {
  /** Stops the intake, drains what is under way, then closes connections. */
  stop(): Promise<void>;
}

/** Below the pod's grace period of 30 s, so that the app ends itself and is not ended. */
const STOP_DEADLINE_MS = 20_000;

/**
 * The life of a process: starts the app, stops it on SIGTERM or SIGINT and exits 0; exits 1 on a failed start, a
 * fatal error, or when draining takes longer than the deadline.
 * @param start receives `fatal`, for failures after which the process is of no use and a fresh one may be
 * @param stopDeadlineMs how long draining may take
 */
export async function runApp(
  logger: Logger,
  start: (fatal: (reason: string, error?: unknown) => void) => Promise<Running>,
  stopDeadlineMs = STOP_DEADLINE_MS,
): Promise<void> {
  const fatal = (reason: string, error?: unknown) => {
    logger.fatal({ err: error }, reason);
    process.exit(1);
  };
  process.on('unhandledRejection', (error) => fatal('unhandled rejection', error));
  process.on('uncaughtException', (error) => fatal('uncaught exception', error));

  let running: Running | undefined;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping: no new work, what is under way is finished');
    setTimeout(() => fatal(`not drained within ${stopDeadlineMs} ms`), stopDeadlineMs);
    void (running?.stop() ?? Promise.resolve()).then(
      () => {
        logger.info('stopped');
        process.exit(0);
      },
      (error: unknown) => fatal('stopping failed', error),
    );
  };
  // Not `once`: npm passes on a Ctrl-C that the terminal has sent as well, and a second one with no listener kills.
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  try {
    running = await start(fatal);
    logger.info('ready');
  } catch (error) {
    fatal(error instanceof Error ? error.message : 'start failed', error);
  }
}
