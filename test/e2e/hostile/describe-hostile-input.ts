import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsIn } from '../sigterm/evidence.js';
import { HostileStack } from './stack.js';

/** Adds the cases of one kind of hostile input. */
type Cases = (stack: () => HostileStack) => void;

/**
 * Runs cases of hostile input against one stack, with every app as a process. After each case, a valid invitation on every
 * partition must get as far as its e-mail.
 * @param cases by the kind of input
 */
export function describeHostileInput(from: string, cases: Readonly<Record<string, Cases>>): void {
  describe(`the service with hostile input from ${from}`, () => {
    let stack: HostileStack;

    beforeAll(async () => {
      stack = await HostileStack.start();
    }, 300_000);
    afterAll(() => stack?.stop());
    afterEach(() => stack.expectServiceOnEveryPartition());

    describe.each(Object.entries(cases))('%s', (_kind, addCases) => {
      addCases(() => stack);
    });

    it('has no effect of a refused command, and no two different outcomes of one command', async () => {
      const { rows } = await stack.deployed.pool.query<{ id: string; refusal: string | null }>(
        'SELECT command_id AS id, refusal FROM read_models.command_outcomes',
      );
      const refused = new Set(rows.filter(({ refusal }) => refusal !== null).map(({ id }) => id));
      const carriedOut = (await eventsIn(stack.deployed)).map(({ commandId }) => commandId);
      expect(carriedOut.filter((id) => refused.has(id))).toEqual([]);
      expect(new Set((await eventsIn(stack.deployed)).map(({ id }) => id)).size).toBe(carriedOut.length);
    });
  });
}
