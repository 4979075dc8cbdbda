import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { eventsIn, unlikeTheLog } from '../sigterm/evidence.js';
import { EventStoreUnderControl } from '../../integration/support/event-store-under-control.js';
import { HostileStack } from './stack.js';

const INVITERS = 400;
const RECIPIENTS = 30;
const SENDS = INVITERS * RECIPIENTS;
const KILLS = 5;

/** An event store that fails in the middle of work, or that ends subscriptions as slow. */
describe('the service with a failing event store', () => {
  let eventStore: EventStoreUnderControl;
  let stack: HostileStack;

  async function start(settings: { endSubscriptionsEvery?: number } = {}) {
    eventStore = await EventStoreUnderControl.start(settings);
    stack = await HostileStack.start({ url: eventStore.url, stop: () => eventStore.remove() });
  }
  afterEach(() => stack?.stop());

  it(`loses nothing and keeps all apps running when it is killed ${KILLS} times in ${SENDS} sends`, async () => {
    await start();
    const burst = await publishBurst(stack);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const target = (SENDS * kill) / (KILLS + 1);
      await stack.until(
        () => answersTo(stack, burst).size >= target,
        `${target} outcomes before kill ${kill}`,
      );
      await eventStore.kill();
      await eventStore.start();
    }
    await expectEverythingOnce(stack, burst);
  }, 600_000);

  it('loses nothing and keeps all apps running when every subscription ends as slow after 300 events', async () => {
    await start({ endSubscriptionsEvery: 300 });
    const burst = await publishBurst(stack);
    await expectEverythingOnce(stack, burst);
    const log = stack.deployed.app('projector').output;
    expect(log).not.toContain('Consumer too slow');
    expect(await stack.metrics('projector')).toMatch(
      /^invitations_projection_continuations_total(\{.*\})? [1-9]/m,
    );
  }, 600_000);
});

/** Lets every inviter invite every recipient. @returns the ids of the commands */
async function publishBurst(stack: HostileStack): Promise<ReadonlySet<string>> {
  const recipients = await stack.newMembers(RECIPIENTS);
  const inviters = await stack.newMembers(INVITERS);
  const messages = recipients.flatMap((recipientId) =>
    inviters.map((inviterId) => stack.send(inviterId, recipientId, randomUUID())),
  );
  for (let from = 0; from < messages.length; from += 2_000) {
    await stack.publish(messages.slice(from, from + 2_000));
  }
  return new Set(messages.map(({ headers }) => String(headers!['ce_id'])));
}

const answersTo = (stack: HostileStack, ids: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(stack.deployed.service.answers.map(({ key }) => key).filter((key) => ids.has(key)));

/** Expects for each command one outcome, one event, one row in each list, one public event and one e-mail (D10). */
async function expectEverythingOnce(stack: HostileStack, ids: ReadonlySet<string>): Promise<void> {
  const { deployed } = stack;
  const count = async (table: string) =>
    Number((await deployed.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);
  const minutes = (what: string, isSo: () => boolean | Promise<boolean>) => stack.until(isSo, what, 180_000);
  await minutes('every outcome', () => answersTo(stack, ids).size === ids.size);
  for (const table of ['read_models.inbox', 'read_models.sent', 'notification.deliveries']) {
    await minutes(`${ids.size} rows in ${table}`, async () => (await count(table)) >= ids.size);
    expect([table, await count(table)]).toEqual([table, ids.size]);
  }
  const others = deployed.service.answers.filter(
    ({ key, outcome }) => ids.has(key) && outcome.outcome !== 'accepted',
  );
  expect(others).toEqual([]);
  const sent = (await eventsIn(deployed)).filter(({ type }) => type === 'InvitationSent');
  expect([sent.length, new Set(sent.map(({ commandId }) => commandId)).size]).toEqual([ids.size, ids.size]);
  const published = new Set((await stack.read(TOPICS.sent)).map((message) => message.header('ce_id')));
  expect(published.size).toBe(ids.size);
  expect(await unlikeTheLog(deployed)).toBe('');
  stack.expectAllRunning();
}
