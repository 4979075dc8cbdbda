import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEnd } from '#libs/event-store';
import type { Position } from './position.js';

/** A subscription that gives nothing, though there is something. */
export class SilentSubscription extends Error {
  constructor() {
    super('the event store has events that the subscription does not give');
  }
}

export interface SilenceSettings {
  /** The first look, so that a new subscription shows soon that it stands, in milliseconds. */
  readonly firstMs: number;
  /** Between looks while nothing comes, and how long an event that was seen may take to come, in milliseconds. */
  readonly quietMs: number;
}

/** How the subscription does. It changes under the watch's eyes. */
export interface Subscribed {
  /** Of the last event that came, or where the subscription began. */
  readonly position: Position | undefined;
  /** Of the last event that was handled, or where the subscription began. */
  readonly handled: Position | undefined;
  /** Events that have come. */
  readonly received: number;
  /** A batch is under way, so nothing more is asked for. */
  readonly isBusy: boolean;
}

/**
 * Looks at the end of the log while a subscription is quiet: a connection that has become a black hole gives no error
 * for some 18 s, and a server may stop giving without a word. While events come, a look tells only how many wait.
 * @param look at the log behind a position
 * @param found what a look has shown of a quiet one: whether anything waits
 * @param counted how many events wait
 * @throws SilentSubscription, and what a look throws; returns when the signal aborts
 */
export async function watchSilence(
  subscribed: Subscribed,
  look: (after: Position | undefined) => Promise<LogEnd>,
  found: (waiting: LogEnd['waiting']) => void,
  counted: (events: number) => void,
  { firstMs, quietMs }: SilenceSettings,
  signal: AbortSignal,
): Promise<void> {
  /** Up to here there is nothing of ours, so no look need go back further. */
  let clear: Position | undefined;
  let before = subscribed.received;
  for (let waitMs = firstMs; await elapsed(waitMs, signal); waitMs = quietMs) {
    const { received, position, handled } = subscribed;
    const isQuiet = received === before && !subscribed.isBusy;
    before = received;
    if (!isQuiet) {
      // A figure for operators: a subscription that gives events is not to end for it.
      const end = await look(handled).catch(() => undefined);
      if (end !== undefined && !signal.aborted) counted(end.events);
      continue;
    }
    const { head, waiting, events } = await look(furthest(position, clear));
    if (signal.aborted) return;
    counted(events);
    if (waiting === undefined) clear = head ?? clear;
    if (subscribed.received === received && !subscribed.isBusy) found(waiting);
    if (waiting === undefined) continue;
    if (!(await elapsed(quietMs, signal))) return;
    if (subscribed.received === received && !subscribed.isBusy) throw new SilentSubscription();
  }
}

const furthest = (a: Position | undefined, b: Position | undefined) =>
  a === undefined || (b !== undefined && b.commit > a.commit) ? b : a;

/** False when the signal came first. */
const elapsed = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal }).catch(() => false);
