import { setTimeout as sleep } from 'node:timers/promises';
import type { LogTail } from '#libs/event-store';
import type { LogPosition } from '#libs/event-store/read-only';

/** The log has events that the subscription does not deliver. */
export class SubscriptionStalledError extends Error {
  constructor() {
    super('subscription stalled: newer events were not delivered');
  }
}

interface WatchdogSettings {
  /** Time until the first check, in milliseconds: short, so that a new subscription is soon known to be healthy. */
  readonly firstCheckMs: number;
  /** Time between checks, and the time that an event found in the log may take to arrive, in milliseconds. */
  readonly quietMs: number;
}

/** The progress of a subscription. It changes while the watchdog runs. */
export interface SubscriptionProgress {
  /** Position of the last event that was delivered, or of the subscription's start. */
  readonly position: LogPosition | undefined;
  /** Position of the last event that was handled, or of the subscription's start. */
  readonly handled: LogPosition | undefined;
  /** Number of events delivered. */
  readonly received: number;
  /** A batch is being handled: backpressure, not a stall, may keep events from being delivered. */
  readonly isBusy: boolean;
}

/**
 * Reads the end of the log while a subscription is quiet. A connection that drops all packets gives no error for some
 * 18 s, and a server may stop delivering without ending the subscription. While events arrive, the watchdog only
 * measures the lag.
 * @param readTail reads the end of the log after a position
 * @param onChecked called after a check of a quiet subscription, with the oldest event that was not delivered, if any
 * @param onLag called with the number of events that are not handled
 * @param elapses waits for milliseconds; resolves to false if the signal aborts first
 * @throws SubscriptionStalledError, and errors of `readTail`; returns when the signal aborts
 */
export async function watchSubscription(
  progress: SubscriptionProgress,
  readTail: (after: LogPosition | undefined) => Promise<LogTail>,
  onChecked: (oldestEvent: LogTail['oldestEvent']) => void,
  onLag: (events: number) => void,
  { firstCheckMs, quietMs }: WatchdogSettings,
  signal: AbortSignal,
  elapses: (ms: number, signal: AbortSignal) => Promise<boolean> = sleepUnlessAborted,
): Promise<void> {
  /** Up to here the log has no undelivered event of these slices, so no check needs to read further back. */
  let checkedUpTo: LogPosition | undefined;
  let receivedBefore = progress.received;
  for (let waitMs = firstCheckMs; await elapses(waitMs, signal); waitMs = quietMs) {
    const { received, position, handled } = progress;
    const isQuiet = received === receivedBefore && !progress.isBusy;
    receivedBefore = received;
    if (!isQuiet) {
      // Only a metric: a failed read must not end a subscription that delivers events.
      const tail = await readTail(handled).catch(() => undefined);
      if (tail !== undefined && !signal.aborted) onLag(tail.eventCount);
      continue;
    }
    const { head, oldestEvent, eventCount } = await readTail(furthest(position, checkedUpTo));
    if (signal.aborted) return;
    onLag(eventCount);
    if (oldestEvent === undefined) checkedUpTo = head ?? checkedUpTo;
    if (progress.received === received && !progress.isBusy) onChecked(oldestEvent);
    if (oldestEvent === undefined) continue;
    if (!(await elapses(quietMs, signal))) return;
    if (progress.received === received && !progress.isBusy) throw new SubscriptionStalledError();
  }
}

const furthest = (a: LogPosition | undefined, b: LogPosition | undefined) =>
  a === undefined || (b !== undefined && b.commit > a.commit) ? b : a;

const sleepUnlessAborted = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal }).catch(() => false);
