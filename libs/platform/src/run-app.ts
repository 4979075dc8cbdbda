import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger.js';
import { startTracing } from './tracing/start-tracing.js';

/** An app that runs: how it ends in good order. */
export interface Running {
  /** Stops the intake, drains what is under way, then closes connections. */
  stop(): Promise<void>;
}

/** Below the pod's grace period of 30 s, so that the app ends itself and is not ended. */
const STOP_DEADLINE_MS = 20_000;

/** An app that is told to stop while it starts may have begun to work; one that waits for a server has not. */
const START_PATIENCE_MS = 5_000;

/**
 * The life of a process: starts the app, stops it on SIGTERM or SIGINT and exits 0; exits 1 on a failed start, a
 * fatal error, or when draining takes longer than the deadline.
 * @param logger knows the app's name
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

  let endTracing: (() => Promise<void>) | undefined;
  let starting: Promise<Running> | undefined;
  let stopping = false;
  const drain = async () => {
    const running = await Promise.race([starting, sleep(START_PATIENCE_MS, undefined, { ref: false })]);
    await running?.stop();
    await endTracing?.();
  };
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping: no new work, what is under way is finished');
    setTimeout(() => fatal(`not drained within ${stopDeadlineMs} ms`), stopDeadlineMs);
    void drain().then(
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
    endTracing = await startTracing(String(logger.bindings()['app']), logger);
    starting = start(fatal);
    await starting;
    logger.info('ready');
  } catch (error) {
    fatal(error instanceof Error ? error.message : 'start failed', error);
  }
}
