import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, Health } from '#libs/platform';
import { until } from '../../../test/support/until.js';
import type { Position } from './position.js';
import { ProjectionRunner, type Placed, type Source } from './projection-runner.js';

const at = (n: number): Position => ({ commit: BigInt(n), prepare: BigInt(n) });

/** Keeps what was applied, and where it stands. */
class Applied {
  events: number[] = [];
  failing: Error | undefined;
  private stored: Position | undefined;

  position = async () => this.stored;

  async apply(events: readonly number[], from: Position | undefined, to: Position): Promise<void> {
    if (this.failing) throw this.failing;
    if (from?.commit !== this.stored?.commit) throw new Error('fenced');
    this.events.push(...events);
    this.stored = to;
  }
}

/** The numbers from after the position to `count`, then quiet, as a subscription is. */
function numbers(count: () => number, end: () => 'quiet' | 'ended' | Error = () => 'quiet'): Source<number> {
  return async function* (after, signal) {
    for (let n = Number(after?.commit ?? 0n) + 1; n <= count(); n += 1) {
      yield { event: n, position: at(n) } satisfies Placed<number>;
    }
    const how = end();
    if (how instanceof Error) throw how;
    if (how === 'quiet' && !signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
  };
}

describe('a projection worker', () => {
  let health: Health;
  let sink: Applied;
  let runner: ProjectionRunner<number>;
  const logger = createLogger('test', 'silent');
  const state = () => health.report().parts['projection:numbers']!;
  const start = (source: Source<number>) => {
    runner = new ProjectionRunner('numbers', source, sink, health, logger);
    runner.start();
  };

  beforeEach(() => {
    health = new Health();
    sink = new Applied();
  });
  afterEach(() => runner.stop());

  it('goes on from the checkpoint after the subscription has ended without a word', async () => {
    let count = 3;
    start(
      numbers(
        () => count,
        () => (count < 6 ? 'ended' : 'quiet'),
      ),
    );
    const noticed = () => state().detail === 'the event store ended the subscription';
    await until(noticed, 5_000, 'the end is noticed');
    count = 6;
    await until(() => sink.events.length === 6, 5_000, 'six events');
    expect(sink.events).toEqual([1, 2, 3, 4, 5, 6]);
    expect(state()).toEqual({ ready: true });
  });

  it('applies what came before an event that it cannot read, then stands there and says so', async () => {
    const unknown = new Error('7@account-00-amal: InvitationPraised of version 1 is not known here');
    let failures = 0;
    const seen: boolean[] = [];
    start(
      numbers(
        () => 3,
        () => {
          failures += 1;
          seen.push(state().ready);
          return unknown;
        },
      ),
    );
    await until(() => failures >= 4, 5_000, 'several attempts');
    expect(sink.events).toEqual([1, 2, 3]);
    // Ready until the first failure, never again after it though each attempt reads up to the event.
    expect(seen.slice(2)).not.toContain(true);
    await until(() => !state().ready, 1_000, 'not ready');
    expect(state().detail).toBe(unknown.message);
  });

  it('notices a failing database at once, although no further event comes', async () => {
    sink.failing = new Error('the database is gone');
    start(numbers(() => 2));
    await until(() => state().detail === 'the database is gone', 2_000, 'the failure shows');
    sink.failing = undefined;
    await until(() => sink.events.length === 2, 5_000, 'two events');
    await until(() => state().ready, 2_000, 'ready');
  });

  it('is ready again some time after a failure also when no event comes', async () => {
    let broken = true;
    start(
      numbers(
        () => 0,
        () => (broken ? new Error('connection refused') : 'quiet'),
      ),
    );
    await until(() => state().detail === 'connection refused', 2_000, 'the failure shows');
    broken = false;
    await until(() => state().ready, 5_000, 'ready');
  });

  it('finishes the batch under way when it stops, and takes no other', async () => {
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const apply = sink.apply.bind(sink);
    sink.apply = async (...batch) => {
      entered.resolve();
      await gate.promise;
      await apply(...batch);
    };
    start(numbers(() => 1_200));
    await entered.promise;
    const stopped = runner.stop();
    gate.resolve();
    await stopped;
    expect(sink.events).toHaveLength(500);
  });
});
