import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsumedMessage } from '#libs/kafka';
import { A, B, CommandBatchHarness } from '../../../../test/support/command-batch-harness.js';
import { ignoring, sending } from '../../../../test/support/command-messages.js';
import { id } from '../../../../test/support/story.js';
import type { CommandBatchHandler } from '../intake/command-batch-handler.js';

describe('commands on an account that cannot be read', () => {
  let harness: CommandBatchHarness;
  let handler: CommandBatchHandler;
  const handle = (...messages: ConsumedMessage[]) => handler.handle(messages);

  beforeEach(() => {
    harness = new CommandBatchHarness();
    handler = harness.createHandler();
  });

  const letters = () => harness.published.filter(({ topic }) => topic === 'invitations.commands.dead-letter');
  const offsets = () => letters().map(({ headers }) => headers!['dead-letter-offset']);

  beforeEach(() => void harness.unreadable.add('amal'));

  it('publishes every message of its commands as a dead letter with the reason, without a reply, and decides the others', async () => {
    const own = [sending(1, A), sending(1, B), ignoring(2, A)];
    await handle(...own, sending(3, A, 'chiara'));
    expect(harness.decided).toEqual([['chiara', id(3)]]);
    expect(harness.replies()).toEqual([`${A} ${id(3)} accepted`]);
    expect(offsets()).toEqual(own.map(({ offset }) => offset));
    for (const letter of letters()) {
      expect(letter.headers).toMatchObject({
        'dead-letter-reason':
          'the account has an event that this version cannot read, 0@account-3f-amal: Praised',
      });
    }
    expect([...harness.store.outcomes.keys()]).toEqual([id(3)]);
  });

  it('publishes an outcome that was stored before', async () => {
    harness.store.outcomes.set(id(1), { commandId: id(1), actorId: 'amal', refusal: 'TOO_SOON' });
    await handle(sending(1, A));
    expect(harness.replies()).toEqual([`${A} ${id(1)} refused TOO_SOON`]);
    expect(letters()).toEqual([]);
  });

  it('keeps outcomes that were decided before the account became unreadable', async () => {
    harness.unreadable.clear();
    const { handle: decide } = harness.decider;
    harness.decider.handle = async (accountId, commands) => {
      const refusals = await decide(accountId, commands.slice(0, 1));
      harness.unreadable.add(accountId);
      return refusals;
    };
    const second = sending(2, A);
    await handle(sending(1, A), second);
    expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`]);
    expect(offsets()).toEqual([second.offset]);
  });

  it('refuses another command with the id of a dead letter', async () => {
    const first = sending(1, A);
    await handle(first, sending(1, B, 'chiara'));
    expect(offsets()).toEqual([first.offset]);
    expect(harness.replies()).toEqual([
      `${B} ${id(1)} refused INVALID_COMMAND ce_id was used before, by another actor`,
    ]);
  });

  it('degrades the health and stays ready until the account can be read, and counts the commands', async () => {
    await handle(sending(1), sending(2));
    expect(harness.health.report()).toEqual({
      ready: true,
      parts: {
        'unreadable-accounts': { ready: true, degraded: true, detail: expect.stringContaining('amal (0@') },
      },
    });
    const figures = await harness.metrics.metrics();
    expect(figures).toContain('invitations_unreadable_account_commands_total 2');
    expect(figures).toContain('invitations_unreadable_accounts 1');
    expect(figures).toContain('invitations_commands_total{outcome="dead-letter"} 2');
    harness.unreadable.clear();
    await handle(sending(1, A));
    expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`]);
    expect(harness.health.report().parts).toEqual({ 'unreadable-accounts': { ready: true } });
  });
});
