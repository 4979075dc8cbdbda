import { describe, expect, it } from '@jest/globals';
import type { LogEnd } from '#libs/event-store';
import { recorded } from '../../../test/support/recorded.js';
import { until } from '../../../test/support/until.js';
import type { Position } from './position.js';
import { SilentSubscription, watchSilence } from './silence.js';

const at = (n: number): Position => ({ commit: BigInt(n), prepare: BigInt(n) });
const SOON = { firstMs: 5, quietMs: 20 };

function watch(answer: (after: Position | undefined) => LogEnd | Promise<LogEnd>) {
  const subscribed = { position: at(3) as Position | undefined, received: 0, isBusy: false };
  const stop = new AbortController();
  const looks: (bigint | undefined)[] = [];
  const found: (string | undefined)[] = [];
  const look = async (after: Position | undefined) => {
    looks.push(after?.commit);
    return answer(after);
  };
  const over = watchSilence(subscribed, look, (waiting) => found.push(waiting?.id), SOON, stop.signal);
  return { subscribed, looks, found, over, stop: () => stop.abort() };
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
    await until(() => looks.length >= 2, 2_000, 'another look');
    stop();
    await over;
    expect(looks[1]).toBe(7n);
  });

  it('is not asked about while a batch is under way', async () => {
    const { subscribed, looks, over, stop } = watch(() => ({ head: at(7), waiting: recorded(5, 0) }));
    subscribed.isBusy = true;
    await new Promise((resolve) => setTimeout(resolve, 5 * SOON.quietMs));
    stop();
    await over;
    expect(looks).toEqual([]);
  });

  it('is in trouble when the log cannot be looked at', async () => {
    const { over } = watch(() => Promise.reject(new Error('the event store does not answer')));
    await expect(over).rejects.toThrow('does not answer');
  });
});
