import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsIn } from '../sigterm/evidence.js';
import { commandIdCases } from './command-id.cases.js';
import { httpCases } from './http.cases.js';
import { kafkaMessageCases } from './kafka-message.cases.js';
import { mailCases } from './mail.cases.js';
import { profileCases } from './profile.cases.js';
import { HostileStack } from './stack.js';
import { unreadableEventCases } from './unreadable-event.cases.js';

/**
 * Hostile input from brokers, mail servers, databases and members, with one stack for all cases and every app as a
 * process. After each case, a valid invitation on every partition must get as far as its e-mail.
 */
describe('the service with hostile input', () => {
  let stack: HostileStack;

  beforeAll(async () => {
    stack = await HostileStack.start();
  }, 300_000);
  afterAll(() => stack?.stop());
  afterEach(() => stack.expectServiceOnEveryPartition());

  describe('A. messages that a broker accepts', () => {
    kafkaMessageCases(() => stack);
  });
  describe('B. one command id on many accounts', () => {
    commandIdCases(() => stack);
  });
  describe('C. an event that cannot be read', () => {
    unreadableEventCases(() => stack);
  });
  describe('D. profiles', () => {
    profileCases(() => stack);
  });
  describe('E. mail servers and old events', () => {
    mailCases(() => stack);
  });
  describe('F. databases and clients', () => {
    httpCases(() => stack);
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
