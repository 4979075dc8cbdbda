import { setTimeout } from 'node:timers/promises';
import { printToStderr } from '#libs/cli';
import { EventStoreUnavailableError } from '#libs/event-store/read-only';
import type { LogProgress, LogReader } from '../log/log-reader.js';
import type { PartitionedExport } from './partitioned-export.js';

/** An event store that cannot be reached is asked again after this time, or after the interval if that is shorter. */
const RETRY_MS = 10_000;

/**
 * Exports new events in intervals until SIGTERM or SIGINT, which it answers by committing what it has read. The first attempt
 * must succeed: it would fail because of wrong settings. Later, an event store that cannot be reached is asked again.
 */
export async function followLog(
  log: LogReader,
  partitioned: PartitionedExport,
  everyMs: number,
  progress: LogProgress,
  signal: AbortSignal,
): Promise<void> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    let waitMs = everyMs;
    try {
      await partitioned.catchUp(log, progress, signal);
    } catch (error) {
      if (isFirst || !(error instanceof EventStoreUnavailableError)) throw error;
      waitMs = Math.min(everyMs, RETRY_MS);
      progress.stop();
      printToStderr(`replay: ${error.message}; trying again in ${waitMs / 1_000} s`);
      // A new connection finds a server that has another address now.
      await log.close();
    }
    await setTimeout(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Runs the work with a signal that SIGTERM and SIGINT abort. A second one ends the process as without it. */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGTERM', stop).once('SIGINT', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop);
  }
}
