import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.js';
import { expectDoneOnce, OutageHarness, PATIENCE_MS, sendings } from './support/outage-harness.js';

/** Long enough that an app on a busy machine does not lose its membership for want of a heartbeat. */
const SESSION_MS = 3_000;

let harness: OutageHarness;

beforeAll(async () => {
  harness = await OutageHarness.open({ killsBroker: true });
});
afterAll(() => harness.close());

describe('the command app in an outage', () => {
  beforeAll(async () => {
    const session = { KAFKA_SESSION_TIMEOUT: `PT${SESSION_MS / 1_000}S` };
    await harness.startApp({ ...harness.throughProxies(), ...session });
    await harness.app.untilReady();
  });

  afterAll(() => harness.app.kill());

  afterEach(() => {
    harness.openProxies();
  });

  it.each([
    ['an event store that is down', () => harness.toStore.shut(), 'the event store at EVENTSTORE_URL'],
    [
      'an event store that falls silent',
      () => harness.toStore.fallSilent(),
      'the event store at EVENTSTORE_URL',
    ],
    ['a database that is down', () => harness.toDatabase.shut(), 'the database at DATABASE_URL'],
  ])(
    'is not ready, commits nothing and keeps its membership until %s is back, then completes everything',
    async (_name, fail, reason) => {
      const members = await harness.memberIds();
      const before = sendings(5);
      await harness.servers.publish(before.messages);
      await harness.untilDone(before.ids);
      fail();
      const { ids, messages } = sendings(20);
      await harness.servers.publish(messages);
      await harness.app.untilUnready(reason);
      const since = Date.now();
      // Longer than a session lasts.
      await until(() => Date.now() - since > 2 * SESSION_MS, PATIENCE_MS, 'time');
      expect(await harness.servers.lag()).toBe(20);
      expect(await harness.memberIds()).toEqual(members);
      harness.openProxies();
      await harness.untilDone(ids);
      await harness.app.untilReady();
      expect(await harness.memberIds()).toEqual(members);
      await expectDoneOnce(harness.servers, ids);
    },
  );

  it('waits for a Kafka that is down', async () => {
    await harness.servers.broker.kill();
    // Whichever it notices first: that heartbeats have no answer, or that a fetch has none.
    await harness.app.untilUnready(/no response from the group coordinator|restarting after/);
    await harness.servers.broker.startAgain();
    const { ids, messages } = sendings(20);
    await harness.servers.publish(messages);
    await harness.untilDone(ids);
    await harness.app.untilReady();
    expect(harness.app.ended).toBeUndefined();
    await expectDoneOnce(harness.servers, ids);
  });
});
