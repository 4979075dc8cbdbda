import { describe, expect, it } from '@jest/globals';
import { PendingOutcomes } from './pending-outcomes.js';

const accepted = { commandId: 'a', outcome: 'accepted' } as const;

describe('pending outcomes', () => {
  it('end one by one: who gave up does not keep the others from theirs', async () => {
    const pending = new PendingOutcomes();
    const [one, other] = [pending.wait('a', 60_000), pending.wait('a', 60_000)];
    one.cancel();
    pending.settle({ commandId: 'b', outcome: 'accepted' });
    pending.settle(accepted);
    expect(await one.outcome).toBeUndefined();
    expect(await other.outcome).toEqual(accepted);
    other.cancel();
    other.cancel();
    expect(pending.size).toBe(0);
  });

  it('keep those who came after the last one gave up', async () => {
    const pending = new PendingOutcomes();
    const gone = pending.wait('a', 60_000);
    gone.cancel();
    const come = pending.wait('a', 60_000);
    gone.cancel();
    pending.settle(accepted);
    expect(await come.outcome).toEqual(accepted);
    come.cancel();
  });
});
