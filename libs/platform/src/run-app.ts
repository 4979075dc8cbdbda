import { setTimeout as sleep } from 'node:timers/promises';
import { handleStopSignals } from './entry.js';
import type { Logger } from './logger.js';
import { startTracing } from './tracing/start-tracing.js';

/** Ends the process: for failures that only a restart can repair. */
export type Fatal = (reason: string, error?: unknown) => void;

/** A running app, and how to stop it gracefully. */
export interface RunningApp {
  /** Stops taking new work, finishes the work in hand, then closes connections. */
  stop(): Promise<void>;
}

/** Shorter than the pod's grace period of 30 s, so that the app exits before it is killed. */
const STOP_DEADLINE_MS = 20_000;

/**
 * How long a stop waits for a start in progress. An app that starts within this time may already work and is stopped
 * gracefully; one that still waits for a server has not begun to work.
 */
const START_GRACE_MS = 5_000;

/**
 * Runs the process of an app: starts it, and stops it on SIGTERM or SIGINT. Exits 0 after a graceful stop, and 1 after a
 * failed start, a fatal error, or a stop that takes longer than the deadline.
 * @param logger its binding `app` is the app's name
 * @param start connects and begins to work, unless `stopping` is aborted by then
 */
export async function runApp(
  logger: Logger,
  start: (fatal: Fatal, stopping: AbortSignal) => Promise<RunningApp>,
  stopDeadlineMs = STOP_DEADLINE_MS,
): Promise<void> {
  const fatal: Fatal = (reason, error) => {
    logger.fatal({ err: error }, reason);
    process.exit(1);
  };
  process.on('unhandledRejection', (error) => fatal('unhandled rejection', error));
  process.on('uncaughtException', (error) => fatal('uncaught exception', error));

  let endTracing: (() => Promise<void>) | undefined;
  let starting: Promise<RunningApp> | undefined;
  const stopping = new AbortController();
  const drain = async () => {
    // A start that fails now has not begun to work: there is nothing to stop.
    const started = starting?.catch(() => undefined);
    const running = await Promise.race([started, sleep(START_GRACE_MS, undefined, { ref: false })]);
    await running?.stop();
    await endTracing?.();
  };
  const stop = (signal: string) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    logger.info({ signal }, 'stopping: takes no new work and finishes the work in hand');
    setTimeout(
      () =>
        fatal(
          `not stopped within ${stopDeadlineMs} ms: the process exits with work unfinished, which is repeated after a restart`,
        ),
      stopDeadlineMs,
    );
    void drain().then(
      () => {
        logger.info('stopped');
        process.exit(0);
      },
      (error: unknown) => fatal('stop failed', error),
    );
  };
  handleStopSignals(stop);
  try {
    endTracing = await startTracing(String(logger.bindings()['app']), logger);
    starting = start(fatal, stopping.signal);
    await starting;
    logger.info('ready');
  } catch (error) {
    if (!stopping.signal.aborted) fatal(error instanceof Error ? error.message : 'start failed', error);
    else if (error !== stopping.signal.reason)
      logger.warn({ err: error }, 'the start failed while it was stopped');
  }
}
