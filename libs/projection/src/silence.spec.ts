import { describe, expect, it } from '@jest/globals';
import type { LogEnd } from '#libs/event-store';
import { recorded } from '../../../test/support/recorded.js';
import { until } from '../../../test/support/until.js';
import type { Position } from './position.js';
import { SilentSubscription, watchSilence } from './silence.js';

const at = (n: number): Position => ({ commit: BigInt(n), prepare: BigInt(n) });
const SOON = { firstMs: 5, quietMs: 20 };

type Seen = Omit<LogEnd, 'events'>;

function watch(answer: (after: Position | undefined) => Seen | Promise<Seen>) {
  const subscribed = { position: at(3) as Position | undefined, handled: at(2), received: 0, isBusy: false };
  const stop = new AbortController();
  const looks: (bigint | undefined)[] = [];
  const found: (string | undefined)[] = [];
  const look = async (after: Position | undefined) => {
    looks.push(after?.commit);
    return { ...(await answer(after)), events: looks.length };
  };
  const counts: number[] = [];
  const [tell, count] = [
    (waiting: LogEnd['waiting']) => found.push(waiting?.id),
    (n: number) => counts.push(n),
  ];
  const over = watchSilence(subscribed, look, tell, count, SOON, stop.signal);
  return { subscribed, looks, found, counts, over, stop: () => stop.abort() };
}

describe('a subscription that is quiet', () => {
  it('is fine while the log is quiet as well, and a look goes no further back than the last one', async () => {
    const { looks, found, over, stop } = watch(() => ({ head: at(7), waiting: undefined }));
    await until(() => looks.length >= 3, 2_000, 'looks');
    stop();
    await over;
    expect(looks.slice(0, 3)).toEqual([3n, 7n, 7n]);
    expect(new Set(found)).toEqual(new Set([undefined]));
  });

  it('is silent when the log has something that does not come', async () => {
    const { over, found } = watch(() => ({ head: at(7), waiting: recorded(5, 0) }));
    await expect(over).rejects.toThrow(SilentSubscription);
    expect(found).toEqual(['5']);
  });

  it('is not silent when that comes a little later', async () => {
    const { subscribed, looks, over, stop } = watch((after) =>
      after!.commit < 7n ? { head: at(7), waiting: recorded(7, 0) } : { head: at(7), waiting: undefined },
    );
    await until(() => looks.length === 1, 2_000, 'the first look');
    subscribed.received = 1;
    subscribed.position = at(7);
    await until(() => looks.length >= 3, 2_000, 'other looks');
    stop();
    await over;
    // The first one, while events come, only counts.
    expect(looks.slice(1, 3)).toEqual([2n, 7n]);
  });

  it('is not asked about while a batch is under way, only how many wait behind what was handled', async () => {
    const { subscribed, looks, found, counts, over, stop } = watch((after) => {
      if (looks.length === 2) throw new Error('the event store does not answer');
      return { head: at(7), waiting: after && recorded(5, 0) };
    });
    subscribed.isBusy = true;
    await until(() => looks.length > 2, 2_000, 'looks');
    stop();
    await over;
    expect(new Set(looks)).toEqual(new Set([2n]));
    expect(found).toEqual([]);
    expect(counts.slice(0, 2)).toEqual([1, 3]);
  });

  it('is in trouble when the log cannot be looked at', async () => {
    const { over } = watch(() => Promise.reject(new Error('the event store does not answer')));
    await expect(over).rejects.toThrow('does not answer');
  });
});
