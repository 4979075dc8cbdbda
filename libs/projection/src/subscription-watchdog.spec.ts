import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { LogTail } from '#libs/event-store';
import { rawEvent } from '../../../test/support/raw-event.js';
import type { LogPosition } from '#libs/event-store/read-only';
import { SubscriptionStalledError, watchSubscription } from './subscription-watchdog.js';

const at = (n: number): LogPosition => ({ commit: BigInt(n), prepare: BigInt(n) });
const SETTINGS = { firstCheckMs: 5, quietMs: 20 };

const fail = () => {
  throw new Error('the watchdog has checked');
};

type Tail = Omit<LogTail, 'eventCount'>;

/** Watches a subscription that has received nothing, with a log that responds as the test says. Time passes by `elapse`. */
function watch(respond: (after: LogPosition | undefined) => Tail | Promise<Tail>) {
  const progress = {
    position: at(3) as LogPosition | undefined,
    handled: at(2),
    received: 0,
    isBusy: false,
  };
  const stop = new AbortController();
  const reads: (bigint | undefined)[] = [];
  const checked: (string | undefined)[] = [];
  const lags: number[] = [];
  const readTail = async (after: LogPosition | undefined) => {
    reads.push(after?.commit);
    return { ...(await respond(after)), eventCount: reads.length };
  };
  const onChecked = (oldestEvent: LogTail['oldestEvent']) => checked.push(oldestEvent?.id);
  const onLag = (events: number) => lags.push(events);

  let wait = Promise.withResolvers<boolean>();
  const waitedMs: number[] = [];
  const elapses = (ms: number) => {
    waitedMs.push(ms);
    wait = Promise.withResolvers();
    return wait.promise;
  };
  /** Ends the present wait, and lets the watchdog run until the next one. */
  const elapse = async () => {
    wait.resolve(true);
    await setImmediate();
  };
  const ended = watchSubscription(progress, readTail, onChecked, onLag, SETTINGS, stop.signal, elapses);
  const endWatch = async () => {
    stop.abort();
    wait.resolve(false);
    await ended;
  };
  return { progress, reads, checked, lags, waitedMs, ended, elapse, endWatch };
}

describe('watchSubscription', () => {
  it('accepts silence while the log is quiet as well, and reads no further back than the last check', async () => {
    const { reads, checked, waitedMs, elapse, endWatch } = watch(() => ({
      head: at(7),
      oldestEvent: undefined,
    }));
    await elapse();
    await elapse();
    await elapse();
    await endWatch();
    expect(reads).toEqual([3n, 7n, 7n]);
    expect(checked).toEqual([undefined, undefined, undefined]);
    expect(waitedMs).toEqual([5, 20, 20, 20]);
  });

  it('throws when the log has an event that is not delivered', async () => {
    const { ended, checked, elapse } = watch(() => ({ head: at(7), oldestEvent: rawEvent(5, 0) }));
    await Promise.all([expect(ended).rejects.toThrow(SubscriptionStalledError), elapse().then(elapse)]);
    expect(checked).toEqual(['5']);
  });

  it('accepts an event that is delivered a little later', async () => {
    const { progress, reads, elapse, endWatch } = watch((after) =>
      after!.commit < 7n
        ? { head: at(7), oldestEvent: rawEvent(7, 0) }
        : { head: at(7), oldestEvent: undefined },
    );
    await elapse();
    progress.received = 1;
    progress.position = at(7);
    await elapse();
    await elapse();
    await elapse();
    await endWatch();
    // The second read, after an event has arrived, only measures the lag.
    expect(reads).toEqual([3n, 2n, 7n]);
  });

  it('only measures the lag while a batch is being handled, and ignores failed reads', async () => {
    const { progress, reads, checked, lags, elapse, endWatch } = watch((after) => {
      if (reads.length === 2) throw new Error('the event store does not respond');
      return { head: at(7), oldestEvent: after && rawEvent(5, 0) };
    });
    progress.isBusy = true;
    await elapse();
    await elapse();
    await elapse();
    await endWatch();
    expect(reads).toEqual([2n, 2n, 2n]);
    expect(checked).toEqual([]);
    expect(lags).toEqual([1, 3]);
  });

  it('throws when the log cannot be read', async () => {
    const { ended, elapse } = watch(() => Promise.reject(new Error('the event store does not respond')));
    await Promise.all([expect(ended).rejects.toThrow('does not respond'), elapse()]);
  });

  it('ends by itself when the signal aborts during a wait', async () => {
    const stop = new AbortController();
    const progress = { position: at(3), handled: at(3), received: 0, isBusy: false };
    const neverRead = () => Promise.reject(new Error('the log was read'));
    const settings = { firstCheckMs: 3_600_000, quietMs: 3_600_000 };
    const ended = watchSubscription(progress, neverRead, fail, fail, settings, stop.signal);
    stop.abort();
    await expect(ended).resolves.toBeUndefined();
  });
});
