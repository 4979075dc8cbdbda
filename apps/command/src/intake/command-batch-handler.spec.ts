import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SendInvitation } from '#libs/invitation';
import type { ConsumedMessage } from '#libs/kafka';
import { A, CommandBatchHarness } from '../../../../test/support/command-batch-harness.js';
import { ignoring, message, sending } from '../../../../test/support/command-messages.js';
import { accountClosed, id, minute, sent } from '../../../../test/support/story.js';
import type { CommandBatchHandler } from './command-batch-handler.js';
import { messageKey } from './dead-letter-deduplicator.js';

describe('CommandBatchHandler', () => {
  let harness: CommandBatchHarness;
  let handler: CommandBatchHandler;
  const handle = (...messages: ConsumedMessage[]) => handler.handle(messages);

  beforeEach(() => {
    harness = new CommandBatchHarness();
    handler = harness.createHandler();
  });

  it('claims and decides the commands, stores their outcomes, then publishes them', async () => {
    await handle(sending(1, A), ignoring(2, A), sending(3, A, 'chiara'));
    expect(harness.steps).toEqual(['claim', 'decide', 'decide', 'store', 'publish']);
    expect(harness.decided).toEqual([
      ['amal', id(1), id(2)],
      ['chiara', id(3)],
    ]);
    expect(harness.replies()).toEqual([1, 2, 3].map((n) => `${A} ${id(n)} accepted`));
    expect(harness.store.outcomes.get(id(2))).toEqual({ commandId: id(2), actorId: 'bilal' });
  });

  it('loads accounts from the projection, and assumes that others have no stream', async () => {
    harness.accountState.append('amal', [sent(1), sent(2)]);
    harness.accountState.project();
    harness.accountState.apply({ accountId: 'dalia', revision: 1n, id: 'other', event: sent(1) });
    await handle(sending(3), sending(4, undefined, 'chiara'), sending(5, undefined, 'dalia'));
    expect(harness.hints).toEqual(['amal revision 1', 'chiara no-stream', 'dalia may-exist']);
  });

  describe('for members who have left (D23)', () => {
    const actorHasLeft = true;

    beforeEach(() => {
      harness.accountState.append('amal', [sent(1)]);
      harness.accountState.append('bilal', [accountClosed(2)]);
      harness.accountState.project();
      harness.removed.add('chiara');
      for (const id of ['amal', 'bilal', 'dalia']) harness.profiles.add(id);
    });

    it('tells the domain of actors whose account is closed or whose profile was removed, and of no others', async () => {
      await handle(ignoring(2), sending(3, A, 'chiara', 'dalia'), sending(4, A, 'unknown', 'dalia'));
      expect(harness.commands.get(id(2))).toMatchObject({ actorHasLeft });
      expect(harness.commands.get(id(3))).toMatchObject({ actorHasLeft, recipient: { available: true } });
      expect(harness.commands.get(id(4))).not.toHaveProperty('actorHasLeft');
    });

    it('takes a recipient whose account is closed for one whom nobody knows', async () => {
      await handle(sending(2, A, 'dalia', 'bilal'), sending(3, A, 'dalia', 'unknown'));
      const { recipient } = harness.commands.get(id(3)) as SendInvitation;
      expect(recipient).toEqual({ available: false, emailMatches: false });
      expect(harness.commands.get(id(2))).toMatchObject({ recipient });
    });

    it('executes the same statements for every actor, once a batch (D1)', async () => {
      const statements = ['find member facts', 'find projected accounts'];
      for (const batch of [
        [ignoring(2)],
        [sending(3, A, 'chiara')],
        [sending(4, A, 'unknown'), sending(5, A, 'dalia'), sending(6, A, 'bilal'), ignoring(7)],
      ]) {
        harness.statements.length = 0;
        await handle(...batch);
        expect(harness.statements).toEqual(statements);
      }
    });
  });

  it.each([
    ['claiming', ['claim']],
    ['deciding', ['claim', 'decide']],
    ['storing', ['claim', 'decide', 'store']],
  ] as const)('publishes nothing when %s fails', async (what, steps) => {
    harness.failing = what;
    await expect(handle(sending(1, A), message({}, 'not JSON'))).rejects.toThrow('failed');
    expect(harness.steps).toEqual(steps);
    expect(harness.published).toEqual([]);
  });

  it('keeps a decided outcome when publishing fails, and publishes it at the retry', async () => {
    harness.failing = 'publishing';
    await expect(handle(sending(1, A))).rejects.toThrow('publish failed');
    harness.failing = undefined;
    harness.refusal = 'LIMIT_REACHED';
    await handle(sending(1, A));
    expect(harness.decided).toHaveLength(1);
    expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`]);
  });

  it('lists the reply topics again after publishing failed', async () => {
    harness.failing = 'publishing';
    await expect(handle(sending(1, A))).rejects.toThrow('publish failed');
    await expect(handle(sending(1, A))).rejects.toThrow('publish failed');
    expect(harness.listed).toBe(2);
  });

  it('replies only on existing outcome topics', async () => {
    await handle(sending(1, 'invitations.sent'), sending(2, `${A}.missing`), sending(3));
    expect(harness.decided.flat()).toEqual(['amal', id(1), id(2), id(3)]);
    expect(harness.published).toEqual([]);
  });

  it('publishes only the command id, the outcome and the code (D1)', async () => {
    harness.refusal = 'RECIPIENT_UNAVAILABLE';
    await handle(sending(1, A));
    const [reply] = harness.published;
    expect(reply).toMatchObject({ topic: A, key: id(1), headers: { ce_subject: id(1), ce_time: minute(5) } });
    expect(JSON.parse(String(reply!.value))).toEqual({
      commandId: id(1),
      outcome: 'refused',
      code: 'RECIPIENT_UNAVAILABLE',
    });
  });

  it('publishes an invalid message as a dead letter, refuses it, and decides the other commands', async () => {
    const headers = { ce_id: id(1), ce_type: 'invitations.send.v1', 'reply-to': A, custom: 'kept' };
    const invalid = message(headers, '{"inviterId":"amal"}');
    await handle(invalid, sending(2, A), message({}, null));
    const letters = harness.published.filter(({ topic }) => topic === 'invitations.commands.dead-letter');
    expect(letters).toHaveLength(2);
    expect(letters[0]).toEqual({
      topic: 'invitations.commands.dead-letter',
      key: invalid.key,
      value: invalid.value,
      headers: {
        ...invalid.headers,
        'dead-letter-topic': 'invitations.commands',
        'dead-letter-partition': '0',
        'dead-letter-offset': invalid.offset,
        'dead-letter-reason': expect.stringContaining('recipientId'),
        'dead-letter-at': minute(5),
      },
    });
    expect(harness.replies().toSorted()).toEqual([
      `${A} ${id(1)} refused INVALID_COMMAND recipientId must be a member id`,
      `${A} ${id(2)} accepted`,
    ]);
    expect(harness.store.outcomes.has(id(1))).toBe(false);
  });

  it('publishes no second dead letter for a message, but still replies', async () => {
    const first = message({ ce_id: id(1), 'reply-to': A }, '{}');
    harness.letters.push(messageKey(first));
    const second = message({}, '{}');
    await handle(first, second);
    expect(harness.published.map(({ topic }) => topic)).toEqual(['invitations.commands.dead-letter', A]);
    expect(harness.published[0]!.headers).toMatchObject({ 'dead-letter-offset': second.offset });
  });

  it('looks for its own dead letters again after publishing failed', async () => {
    const invalid = message({}, '{}');
    harness.failing = 'publishing';
    await expect(handle(invalid)).rejects.toThrow('publish failed');
    harness.failing = undefined;
    harness.letters.push(messageKey(invalid));
    await handle(invalid);
    expect(harness.published).toEqual([]);
  });

  it('stores outcomes without an event before the account continues', async () => {
    const { handle: decide } = harness.decider;
    harness.decider.handle = async (accountId, commands) => decide(accountId, commands.slice(0, 2));
    await handle(sending(1, A), sending(2, A), sending(3, A), sending(4, A, 'chiara'));
    expect(harness.steps).toEqual(['claim', 'decide', 'decide', 'store', 'decide', 'store', 'publish']);
    expect(harness.decided).toEqual([
      ['amal', id(1), id(2)],
      ['chiara', id(4)],
      ['amal', id(3)],
    ]);
    expect(harness.replies()).toEqual([1, 2, 3, 4].map((n) => `${A} ${id(n)} accepted`));
  });

  it('stores nothing for a batch of invalid messages', async () => {
    await handle(message({}, 'not JSON'));
    expect(harness.steps).toEqual(['publish']);
  });
});
