import { beforeEach, describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import { Registry } from 'prom-client';
import type { Command, RefusalCode } from '#libs/invitation';
import type { ConsumedMessage, ProducerMessage } from '#libs/kafka';
import { UnknownEventError } from '#libs/event-store';
import { createLogger, Health, type Pool } from '#libs/platform';
import { MemoryAccountState } from '../../../../test/support/account-state.js';
import { MemoryClaimStore } from '../../../../test/support/claim-store.js';
import { command, ignoring, message, sending } from '../../../../test/support/command-messages.js';
import { id, minute, sent } from '../../../../test/support/story.js';
import type { AccountCommandHandler, AccountHint, AppendLease } from '../deciding/account-command-handler.js';
import { UnreadableAccounts } from '../deciding/unreadable-accounts.js';
import { ReplyTopicBreaker } from './reply-topic-breaker.js';
import { BatchPublisher } from './batch-publisher.js';
import { APPEND_WINDOW_MS, CommandClaims, LEASE_MS } from './command-claims.js';
import { CommandBatchHandler } from './command-batch-handler.js';
import { CommandMetrics } from './instrumentation.js';
import { messageKey, DeadLetterDeduplicator } from './dead-letter-deduplicator.js';
import { CommandConfig } from '../config.js';
import { OperatorCommands } from './operator-commands.js';
import { parseBatch } from './parse-batch.js';

const A = 'invitations.outcomes.a';
const B = 'invitations.outcomes.b';

/** All that the handler works with, in memory. `steps` tells in which order it was used. */
class Harness {
  readonly steps: string[] = [];
  readonly decided: string[][] = [];
  readonly hints: string[] = [];
  /** The projection of the accounts. */
  readonly accountState = new MemoryAccountState();
  readonly published: ProducerMessage[] = [];
  /** Wall clock of the app and the database, in milliseconds. */
  clock = Date.parse(minute(5));
  readonly store = new MemoryClaimStore(() => this.clock);
  readonly waits: number[] = [];
  /** What happens while the handler waits for others. */
  meanwhile: () => void = () => undefined;
  refusal: RefusalCode | undefined;
  /** Accounts with an event that cannot be read. */
  readonly unreadable = new Set<string>();
  readonly health = new Health();
  failing: 'claiming' | 'deciding' | 'storing' | 'publishing' | undefined;

  readonly decider = {
    handle: async (
      accountId: string,
      commands: readonly Command[],
      hint?: AccountHint,
      _steps?: unknown,
      _lease?: AppendLease,
    ) => {
      this.step('deciding', 'decide');
      if (this.unreadable.has(accountId)) throw new UnknownEventError(`0@account-3f-${accountId}: Praised`);
      this.hints.push(`${accountId} ${typeof hint === 'object' ? `revision ${hint.revision}` : hint}`);
      this.decided.push([accountId, ...commands.map(({ commandId }) => commandId)]);
      return commands.map(() => this.refusal);
    },
  };

  readonly pool = {
    query: async ({ text, values }: { text: string; values: string[][] }) => {
      if (text.includes('read_models.members')) return { rows: [] };
      if (text.includes('read_models.account_state')) return this.accountState.query(values);
      throw new Error(`no such table here: ${text}`);
    },
  };

  readonly producer = {
    send: async (messages: readonly ProducerMessage[]) => {
      if (messages.length > 0) this.step('publishing', 'publish');
      this.published.push(...messages);
    },
  };

  listed = 0;
  readonly metrics = new Registry();

  /** Places of messages that have a dead letter. */
  readonly letters: string[] = [];

  private holders = 0;

  createHandler(): CommandBatchHandler {
    const logger = createLogger('test', 'silent');
    const now = () => new Date(minute(5));
    const { store } = this;
    const claims = new CommandClaims(
      {
        claim: (...asked) => (this.step('claiming', 'claim'), store.claim(...asked)),
        renew: (...asked) => (this.step('claiming', 'renew'), store.renew(...asked)),
        storeOutcomes: (...asked) => (this.step('storing', 'store'), store.storeOutcomes(...asked)),
      },
      () => this.clock,
      () => `holder-${(this.holders += 1)}`,
      async (ms) => {
        this.waits.push(ms);
        this.clock += Math.max(ms, 1);
        this.meanwhile();
      },
    );
    const list = async () => {
      this.listed += 1;
      return [A, B];
    };
    return new CommandBatchHandler(
      this.decider as unknown as AccountCommandHandler,
      new OperatorCommands(new CommandConfig()),
      claims,
      this.pool as unknown as Pool,
      new BatchPublisher(
        new Topics(),
        this.producer,
        this.producer,
        new ReplyTopicBreaker(new Topics(), list, () => now().getTime(), logger),
        new DeadLetterDeduplicator(
          async () => new Set(this.letters),
          () => now().getTime(),
        ),
        logger,
      ),
      new CommandMetrics(this.metrics),
      new UnreadableAccounts(this.metrics, this.health, logger),
      now,
      logger,
    );
  }

  /** Topic, command, outcome and code of every reply. */
  replies(): string[] {
    return this.published
      .filter(({ topic }) => topic.startsWith('invitations.outcomes.'))
      .map(({ topic, value }) => {
        const { commandId, outcome, code, reason } = JSON.parse(String(value)) as Record<string, string>;
        return [topic, commandId, outcome, code, reason].filter((part) => part !== undefined).join(' ');
      });
  }

  private step(what: typeof this.failing, step: string): void {
    this.steps.push(step);
    if (this.failing === what) throw new Error(`${step} failed`);
  }
}

describe('CommandBatchHandler', () => {
  let harness: Harness;
  let handler: CommandBatchHandler;
  const handle = (...messages: ConsumedMessage[]) => handler.handle(messages);

  beforeEach(() => {
    harness = new Harness();
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
      parseBatch(messages).requests.map(({ content }) => content);

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

  it('stores nothing for a batch of invalid messages', async () => {
    await handle(message({}, 'not JSON'));
    expect(harness.steps).toEqual(['publish']);
  });

  describe('with an account that cannot be read', () => {
    const letters = () =>
      harness.published.filter(({ topic }) => topic === 'invitations.commands.dead-letter');
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
});
