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
 */
export async function runApp(
  logger: Logger,
  start: (fatal: (reason: string, error?: unknown) => void) => Promise<Running>,
): Promise<void> {
  const exit = (code: number) => {
    logger.flush();
    process.exit(code);
  };
  const fatal = (reason: string, error?: unknown) => {
    logger.fatal({ err: error }, reason);
    exit(1);
  };
  process.on('unhandledRejection', (error) => fatal('unhandled rejection', error));
  process.on('uncaughtException', (error) => fatal('uncaught exception', error));

  let running: Running | undefined;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping: no new work, what is under way is finished');
    setTimeout(() => fatal(`not drained within ${STOP_DEADLINE_MS} ms`), STOP_DEADLINE_MS).unref();
    void (running?.stop() ?? Promise.resolve()).then(
      () => {
        logger.info('stopped');
        exit(0);
      },
      (error: unknown) => fatal('stopping failed', error),
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  try {
    running = await start(fatal);
    logger.info('ready');
  } catch (error) {
    fatal(error instanceof Error ? error.message : 'start failed', error);
  }
}
