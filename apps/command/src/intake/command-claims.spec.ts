import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsumedMessage } from '#libs/kafka';
import { A, B, CommandBatchHarness } from '../../../../test/support/command-batch-harness.js';
import { command, sending } from '../../../../test/support/command-messages.js';
import { id } from '../../../../test/support/story.js';
import { APPEND_WINDOW_MS, LEASE_MS } from './command-claims.js';
import type { CommandBatchHandler } from './command-batch-handler.js';
import { OperatorSignatureCheck, parseBatch } from './parse-batch.js';

describe('claims of commands', () => {
  let harness: CommandBatchHarness;
  let handler: CommandBatchHandler;
  const handle = (...messages: ConsumedMessage[]) => handler.handle(messages);

  beforeEach(() => {
    harness = new CommandBatchHarness();
    handler = harness.createHandler();
  });

  it("refuses a second actor's command with the same id, and returns no outcome of another actor (D10)", async () => {
    await handle(sending(1, A), sending(1, B, 'chiara'));
    expect(harness.decided).toEqual([['amal', id(1)]]);
    expect(harness.replies()).toEqual([
      `${A} ${id(1)} accepted`,
      `${B} ${id(1)} refused INVALID_COMMAND ce_id was used before, by another actor`,
    ]);
    await handle(sending(1, B, 'chiara'), sending(1, A));
    expect(harness.decided).toHaveLength(1);
    expect(harness.replies().slice(2)).toEqual([
      `${B} ${id(1)} refused INVALID_COMMAND ce_id was used before, by another actor`,
      `${A} ${id(1)} accepted`,
    ]);
  });

  it('decides a duplicate command once, and replies on every topic', async () => {
    await handle(sending(1, A), sending(1, B), sending(1));
    expect(harness.decided).toEqual([['amal', id(1)]]);
    expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`, `${B} ${id(1)} accepted`]);
  });

  it('keeps the first outcome of a command, also a refusal, and publishes it again (D10)', async () => {
    harness.refusal = 'ACCOUNT_RESTRICTED';
    await handle(sending(1, A));
    harness.refusal = undefined;
    await handle(sending(1, B), sending(2, B));
    expect(harness.decided).toEqual([
      ['amal', id(1)],
      ['amal', id(2)],
    ]);
    expect(harness.replies()).toEqual([
      `${A} ${id(1)} refused ACCOUNT_RESTRICTED`,
      `${B} ${id(1)} refused ACCOUNT_RESTRICTED`,
      `${B} ${id(2)} accepted`,
    ]);
  });

  it('publishes the outcome that another process stored while this one was deciding (D10)', async () => {
    harness.refusal = 'TOO_SOON';
    const { handle: decide } = harness.decider;
    harness.decider.handle = async (...asked) => {
      harness.store.outcomes.set(id(1), { commandId: id(1), actorId: 'amal' });
      return decide(...asked);
    };
    await handle(sending(1, A), sending(2, A));
    expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`, `${A} ${id(2)} refused TOO_SOON`]);
  });

  const INVITATION_OF = (inviter: string, n: number) => `${inviter}.${id(n)}`;
  const accepting = (n: number, invitationId: string, replyTo?: string) =>
    command('accept', n, { invitationId, actorId: 'bilal' }, replyTo);
  const refusedAs = (how: string) => `refused INVALID_COMMAND ce_id was used before, ${how}`;

  it('gives an id on several accounts one effect, in one batch and in the next (D10)', async () => {
    const [amals, chiaras] = [INVITATION_OF('amal', 8), INVITATION_OF('chiara', 9)];
    await handle(accepting(1, amals, A), accepting(1, chiaras, B));
    await handle(accepting(1, chiaras, B), accepting(1, amals, A));
    expect(harness.decided).toEqual([['amal', id(1)]]);
    const [accepted, refused] = [
      `${A} ${id(1)} accepted`,
      `${B} ${id(1)} ${refusedAs('for another account')}`,
    ];
    expect(harness.replies()).toEqual([accepted, refused, refused, accepted]);
  });

  it('refuses an id that is reused on the same account with another type or other data (D10)', async () => {
    await handle(sending(1, A), sending(1, B, 'amal', 'chiara'));
    const [invitationId, actorId] = [INVITATION_OF('amal', 8), 'amal'];
    await handle(command('withdraw', 1, { invitationId, actorId }, B));
    expect(harness.decided).toEqual([['amal', id(1)]]);
    const refused = `${B} ${id(1)} ${refusedAs('with another ce_type or other data')}`;
    expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`, refused, refused]);
  });

  it('keeps an outcome that a version without claims stored, for its actor (D10)', async () => {
    harness.store.outcomes.set(id(1), { commandId: id(1), actorId: 'amal', refusal: 'TOO_SOON' });
    await handle(sending(1, A), sending(1, B, 'chiara'));
    expect(harness.decided).toEqual([]);
    expect(harness.replies()).toEqual([
      `${A} ${id(1)} refused TOO_SOON`,
      `${B} ${id(1)} ${refusedAs('by another actor')}`,
    ]);
  });

  it('decides its own claims again at once if they failed without a pending append', async () => {
    harness.failing = 'storing';
    await expect(handle(sending(1, A))).rejects.toThrow('store failed');
    harness.failing = undefined;
    await handle(sending(1, A));
    expect(harness.waits).toEqual([]);
    expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`]);
  });

  it('waits for an append that may be pending before it decides again', async () => {
    harness.failing = 'deciding';
    await expect(handle(sending(1, A))).rejects.toThrow('decide failed');
    harness.failing = undefined;
    const since = harness.clock;
    await handle(sending(1, A));
    expect(harness.clock - since).toBeGreaterThan(LEASE_MS);
    expect(harness.decided).toHaveLength(1);
  });

  describe('with a command that another process has claimed', () => {
    const other = { holder: 'other', endedHolders: [], leaseMs: LEASE_MS };
    const contentsOf = (...messages: ConsumedMessage[]) =>
      parseBatch(messages, new OperatorSignatureCheck(undefined)).requests.map(({ content }) => content);

    it('publishes the outcome that the other process stores, and then decides later commands on the account', async () => {
      await harness.store.claim(contentsOf(sending(1)), other);
      harness.meanwhile = () =>
        harness.store.outcomes.set(id(1), { commandId: id(1), actorId: 'amal', refusal: 'TOO_SOON' });
      await handle(sending(1, A), sending(2, A), sending(3, A, 'chiara'));
      expect(harness.waits).toHaveLength(1);
      expect(harness.decided).toEqual([
        ['chiara', id(3)],
        ['amal', id(2)],
      ]);
      expect(harness.replies()).toEqual([
        `${A} ${id(1)} refused TOO_SOON`,
        `${A} ${id(2)} accepted`,
        `${A} ${id(3)} accepted`,
      ]);
    });

    it('takes the claim over when its lease has expired, because the other process has crashed', async () => {
      await harness.store.claim(contentsOf(sending(1)), other);
      const since = harness.clock;
      await handle(sending(1, A));
      expect(harness.clock - since).toBeGreaterThan(LEASE_MS);
      expect(harness.decided).toEqual([['amal', id(1)]]);
      expect(harness.replies()).toEqual([`${A} ${id(1)} accepted`]);
    });

    it('does not wait for it to refuse the same id with another content', async () => {
      await harness.store.claim(contentsOf(sending(1)), other);
      await handle(sending(1, B, 'chiara'));
      expect(harness.waits).toEqual([]);
      expect(harness.replies()).toEqual([`${B} ${id(1)} ${refusedAs('by another actor')}`]);
    });

    it('decides the claimed content, even after another content with the same id in the batch', async () => {
      await harness.store.claim(contentsOf(sending(1)), other);
      harness.clock += LEASE_MS + 1;
      await handle(sending(1, B, 'chiara'), sending(1, A));
      expect(harness.decided).toEqual([['amal', id(1)]]);
      expect(harness.replies()).toEqual([
        `${B} ${id(1)} ${refusedAs('by another actor')}`,
        `${A} ${id(1)} accepted`,
      ]);
    });
  });

  it('stores and publishes no refusal once another process has taken over the command', async () => {
    harness.refusal = 'TOO_SOON';
    const { handle: decide } = harness.decider;
    harness.decider.handle = async (...asked) => {
      harness.store.claims.get(id(1))!.holder = 'other';
      return decide(...asked);
    };
    await expect(handle(sending(1, A), sending(2, A))).rejects.toThrow(id(1));
    expect(harness.store.outcomes.has(id(1))).toBe(false);
    expect(harness.published).toEqual([]);
  });

  it('appends within the window of its claims, and renews them when deciding takes long', async () => {
    const { handle: decide } = harness.decider;
    const windows: number[] = [];
    harness.decider.handle = async (accountId, commands, hint, steps, lease) => {
      harness.clock += 3_000;
      windows.push((await lease!.deadline()).getTime() - harness.clock);
      return decide(accountId, commands, hint, steps);
    };
    await handle(sending(1), sending(2));
    expect(harness.steps).toEqual(['claim', 'renew', 'decide', 'store']);
    for (const left of windows) expect(left).toBeGreaterThanOrEqual(APPEND_WINDOW_MS - 3_000);
  });
});
