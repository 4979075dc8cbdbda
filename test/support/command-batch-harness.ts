import { Registry } from 'prom-client';
import { Topics } from '#libs/contracts';
import { UnknownEventError } from '#libs/event-store';
import type { Command, RefusalCode } from '#libs/invitation';
import type { ProducerMessage } from '#libs/kafka';
import { createLogger, Health, type Pool } from '#libs/platform';
import type {
  AccountCommandHandler,
  AccountHint,
  AppendLease,
} from '../../apps/command/src/deciding/account-command-handler.js';
import { UnreadableAccounts } from '../../apps/command/src/deciding/unreadable-accounts.js';
import { BatchPublisher } from '../../apps/command/src/intake/batch-publisher.js';
import { CommandBatchHandler } from '../../apps/command/src/intake/command-batch-handler.js';
import { CommandClaims } from '../../apps/command/src/intake/command-claims.js';
import { DeadLetterDeduplicator } from '../../apps/command/src/intake/dead-letter-deduplicator.js';
import { CommandMetrics } from '../../apps/command/src/intake/instrumentation.js';
import { OperatorSignatureCheck } from '../../apps/command/src/intake/parse-batch.js';
import { ReplyTopicBreaker } from '../../apps/command/src/intake/reply-topic-breaker.js';
import { MemoryAccountState } from './account-state.js';
import { MemoryClaimStore } from './claim-store.js';
import { minute } from './story.js';

/** Reply topics that exist. */
export const A = 'invitations.outcomes.a';
export const B = 'invitations.outcomes.b';

/** All that the handler works with, in memory. `steps` tells in which order it was used. */
export class CommandBatchHarness {
  readonly steps: string[] = [];
  readonly decided: string[][] = [];
  /** The commands as the domain gets them, by id. */
  readonly commands = new Map<string, Command>();
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
      for (const command of commands) this.commands.set(command.commandId, command);
      this.hints.push(`${accountId} ${typeof hint === 'object' ? `revision ${hint.revision}` : hint}`);
      this.decided.push([accountId, ...commands.map(({ commandId }) => commandId)]);
      return commands.map(() => this.refusal);
    },
  };

  /** Members who have a profile, and those whose profile was removed. */
  readonly profiles = new Set<string>();
  readonly removed = new Set<string>();
  /** The names of the statements that were executed. */
  readonly statements: string[] = [];

  readonly pool = {
    query: async ({ name, text, values }: { name: string; text: string; values: string[][] }) => {
      this.statements.push(name);
      if (text.includes('read_models.members')) return { rows: this.findMembers(values) };
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

  private findMembers([recipientIds, actorIds]: string[][]) {
    const found = recipientIds!.filter((id) => this.profiles.has(id));
    return [
      ...found.map((id) => ({ id, email: `${id}@network.example`, takesInvitations: true })),
      ...actorIds!.filter((id) => this.removed.has(id)).map((id) => ({ id, email: null })),
    ];
  }

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
      new OperatorSignatureCheck(undefined),
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
