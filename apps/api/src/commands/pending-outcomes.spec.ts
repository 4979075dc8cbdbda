import { describe, expect, it } from '@jest/globals';
import { PendingOutcomes } from './pending-outcomes.js';

const accepted = { commandId: 'a', outcome: 'accepted' } as const;

describe('pending outcomes', () => {
  it('end one by one: who gave up does not keep the others from theirs', async () => {
    const pending = new PendingOutcomes();
    const [one, other] = [pending.wait('a', 'amal', 60_000)!, pending.wait('a', 'amal', 60_000)!];
    one.cancel();
    pending.settle({ commandId: 'b', outcome: 'accepted' });
    pending.settle(accepted);
    expect(await one.outcome).toBeUndefined();
    expect(await other.outcome).toEqual(accepted);
    other.cancel();
    other.cancel();
    expect(pending.size).toBe(0);
  });

  it('are told to one actor only', async () => {
    const pending = new PendingOutcomes();
    const amals = pending.wait('a', 'amal', 60_000)!;
    expect(pending.wait('a', 'bilal', 60_000)).toBeUndefined();
    pending.settle(accepted);
    expect(await amals.outcome).toEqual(accepted);
    amals.cancel();
    const bilals = pending.wait('a', 'bilal', 60_000)!;
    pending.settle(accepted);
    expect(await bilals.outcome).toEqual(accepted);
    bilals.cancel();
  });

  it('keep those who came after the last one gave up', async () => {
    const pending = new PendingOutcomes();
    const gone = pending.wait('a', 'amal', 60_000)!;
    gone.cancel();
    const come = pending.wait('a', 'amal', 60_000)!;
    gone.cancel();
    pending.settle(accepted);
    expect(await come.outcome).toEqual(accepted);
    come.cancel();
  });
});
