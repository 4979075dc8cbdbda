import { Inject, Injectable, Optional } from '@nestjs/common';
import type { CommandContent, StoredOutcome } from '#libs/command-outcomes';
import { correlationOfCommand } from '#libs/contracts';
import { UnknownEventError, type CommandSpans } from '#libs/event-store';
import type { Command } from '#libs/invitation';
import type { ConsumedMessage, UndecodableBatch } from '#libs/kafka';
import { withSpans, type Logger, type Pool } from '#libs/platform';
import type { AuthorTextSealer } from '#libs/author-keys';
import { LOGGER, NOW, POOL } from '#libs/service';
import {
  AccountCommandHandler,
  type AccountHint,
  type AppendLease,
  type Refusals,
} from '../deciding/account-command-handler.js';
import { toDomainCommand, findDecisionContext, hintOf, type DecisionContext } from './decision-context.js';
import { UnreadableAccounts } from '../deciding/unreadable-accounts.js';
import { DATABASE, withDependency } from '../with-dependency.js';
import { BatchPublisher } from './batch-publisher.js';
import { CommandClaims, sortByClaim, type BatchClaims } from './command-claims.js';
import { addressResponses, responseTo, type CommandResponse } from './command-response.js';
import { forEachConcurrent } from './for-each-concurrent.js';
import { CommandMetrics, recordOutcomes, startCommandSpans } from './instrumentation.js';
import { OperatorSignatureCheck, parseBatch, undecidedMessages, type CommandRequest } from './parse-batch.js';

/** Encrypts the texts of events; undefined if they are stored as they are. */
export const TEXT_SEALER = Symbol('text sealer');

/** Accounts that are handled concurrently; more of them only lengthen the event store's queue. */
const CONCURRENT_ACCOUNTS = 128;

/** Time between two attempts to claim what another process is deciding, in milliseconds. */
const CLAIM_RETRY_MS = 250;

/**
 * Handles a batch of command messages in five steps: (1) claims the command ids; (2) decides and appends events; (3) stores
 * the outcomes; (4) publishes responses and dead letters; (5) returns, so that the consumer commits the offsets. After a crash
 * at any point the batch is delivered again, and each step recognises what was done: the stream has the ids of its commands,
 * the table has the outcomes. Claims of a crashed process are taken over (docs/adr/0012).
 */
@Injectable()
export class CommandBatchHandler {
  constructor(
    private readonly accounts: AccountCommandHandler,
    private readonly signatures: OperatorSignatureCheck,
    private readonly claims: CommandClaims,
    @Inject(POOL) private readonly pool: Pool,
    private readonly publisher: BatchPublisher,
    private readonly metrics: CommandMetrics,
    private readonly unreadable: UnreadableAccounts,
    @Inject(NOW) private readonly now: () => Date,
    @Inject(LOGGER) private readonly logger: Logger,
    @Optional() @Inject(TEXT_SEALER) private readonly sealer?: AuthorTextSealer,
  ) {}

  /** @param messages of one partition, in order */
  async handle(messages: readonly ConsumedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { requests, invalid } = parseBatch(messages, this.signatures);
    const { topic, partition } = messages[0]!;
    const spans = startCommandSpans(topic, requests);
    await withSpans(spans?.values() ?? [], async () => {
      const undecided = new Map<string, string>();
      const responses = await this.respondTo(requests, spans, undecided);
      const unprocessable = [...invalid, ...undecidedMessages(requests, responses, undecided)];
      const addressed = addressResponses(responses, unprocessable);
      await this.publisher.publish(`${topic}/${partition}`, addressed, unprocessable, this.now());
      this.metrics.countDeadLetters(unprocessable.length);
      this.metrics.recordResponses(
        [...responses.keys()].flatMap((request) => request.messages),
        this.now().getTime(),
      );
    });
  }

  /** Sends a dead letter for a batch that Kafka's client cannot decode. */
  async recordUndecodableBatch(batch: UndecodableBatch): Promise<void> {
    await this.publisher.publishBatch(batch, this.now());
    this.metrics.countDeadLetters(1);
  }

  /** Call this after a rebalance. */
  onRebalance(): void {
    this.publisher.invalidate();
    this.unreadable.clear();
  }

  /**
   * @param undecided receives the ids of commands that cannot be decided, with the reason. These have no response
   */
  private async respondTo(
    requests: readonly CommandRequest[],
    spans: CommandSpans | undefined,
    undecided: Map<string, string>,
  ): Promise<ReadonlyMap<CommandRequest, CommandResponse>> {
    if (requests.length === 0) return new Map();
    const claims = this.claims.openBatch();
    try {
      const { outcomes, contents } = await this.findOrDecide(requests, claims, spans, undecided);
      recordOutcomes(spans, outcomes);
      // An undecided command that is published again can be claimed at once, without waiting for the lease.
      if (undecided.size > 0) claims.release();
      const responses = new Map<CommandRequest, CommandResponse>();
      for (const request of requests) {
        const { commandId } = request.command;
        const response = responseTo(request, outcomes.get(commandId), contents.get(commandId));
        if (response !== undefined) responses.set(request, response);
        else if (!undecided.has(commandId)) {
          throw new Error(`bug: this batch claimed the command ${commandId}, but has no outcome for it`);
        }
      }
      return responses;
    } catch (error) {
      claims.release();
      throw error;
    }
  }

  /**
   * D10: an id belongs to the content that claims it first. A command with an outcome keeps it, and a request with another
   * content has no effect; all others are decided. If another batch is deciding about a command, all commands of the same
   * account wait for that outcome, so that their order is kept. Other accounts do not wait.
   */
  private async findOrDecide(
    requests: readonly CommandRequest[],
    claims: BatchClaims,
    spans: CommandSpans | undefined,
    undecided: Map<string, string>,
  ) {
    const outcomes = new Map<string, StoredOutcome>();
    const contents = new Map<string, CommandContent>();
    const byId = Map.groupBy(requests, ({ content }) => content.commandId);
    let open: readonly CommandRequest[] = [...byId.values()].map(([first]) => first!);
    for (let attempt = 1; ; attempt += 1) {
      // The context only saves reads of streams, so it may be older than the claim.
      const [statuses, context] = await withDependency(
        DATABASE,
        Promise.all([
          claims.claim(open.map(({ content }) => content)),
          findDecisionContext(this.pool, open, this.sealer),
        ]),
      );
      for (const [commandId, { content, outcome }] of statuses) {
        if (content !== undefined) contents.set(commandId, content);
        if (outcome !== undefined) outcomes.set(commandId, outcome);
      }
      const { mine, held, longestLeaseMs } = sortByClaim(open, byId, statuses);
      this.metrics.countRepeated(open.length - mine.length - held.length);
      const waitingAccounts = new Set(held.map(({ content }) => content.accountId));
      const isWaiting = ({ content }: CommandRequest) => waitingAccounts.has(content.accountId);
      const decided = await this.decide(
        mine.filter((request) => !isWaiting(request)),
        context,
        claims,
        spans,
        undecided,
      );
      for (const [commandId, outcome] of decided) outcomes.set(commandId, outcome);
      if (held.length === 0) return { outcomes, contents };
      const remaining = new Set([...mine.filter(isWaiting), ...held]);
      open = requests.filter((request) => remaining.has(request));
      if (attempt === 1) this.logWaiting(held, longestLeaseMs);
      await claims.wait(Math.min(CLAIM_RETRY_MS, longestLeaseMs));
    }
  }

  /** Decides in rounds: the outcomes of a round are stored before the next commands of the same accounts are decided. */
  private async decide(
    requests: readonly CommandRequest[],
    { members, accounts }: DecisionContext,
    claims: BatchClaims,
    spans: CommandSpans | undefined,
    undecided: Map<string, string>,
  ): Promise<ReadonlyMap<string, StoredOutcome>> {
    if (requests.length === 0) return new Map();
    const lease = claims.leaseFor(requests.map(({ command }) => command.commandId));
    const at = this.now().toISOString();
    const byAccount = Map.groupBy(requests, ({ content }) => content.accountId);
    const outcomes = new Map<string, StoredOutcome>();
    let open = [...byAccount];
    for (let isFirst = true; open.length > 0; isFirst = false) {
      const decided: StoredOutcome[] = [];
      const remaining: typeof open = [];
      await forEachConcurrent(CONCURRENT_ACCOUNTS, open, async ([accountId, ofAccount]) => {
        const commands = ofAccount.map(({ command }) => toDomainCommand(command, at, members));
        const hint = hintOf(accounts.get(accountId), isFirst);
        const refusals = await this.handleAccount(accountId, commands, hint, spans, lease, undecided).catch(
          (error: unknown) => {
            claims.markAppendUncertain();
            throw error;
          },
        );
        if (refusals === undefined) return;
        refusals.forEach((refusal, index) => {
          const { commandId, actorId } = ofAccount[index]!.content;
          decided.push({ commandId, actorId, ...(refusal === undefined ? {} : { refusal }) });
        });
        if (refusals.length < ofAccount.length) remaining.push([accountId, ofAccount.slice(refusals.length)]);
      });
      const stored = await withDependency(DATABASE, claims.storeOutcomes(decided, this.now().toISOString()));
      for (const [commandId, outcome] of stored) outcomes.set(commandId, outcome);
      this.metrics.countDecided(decided);
      open = remaining;
    }
    this.logDecided(requests, outcomes);
    return outcomes;
  }

  /** Returns undefined, and adds the commands to `undecided`, if the account cannot be read. */
  private async handleAccount(
    accountId: string,
    commands: readonly Command[],
    hint: AccountHint,
    spans: CommandSpans | undefined,
    lease: AppendLease,
    undecided: Map<string, string>,
  ): Promise<Refusals | undefined> {
    try {
      const refusals = await this.accounts.handle(accountId, commands, hint, spans, lease);
      this.unreadable.remove(accountId);
      return refusals;
    } catch (error) {
      if (!(error instanceof UnknownEventError)) throw error;
      this.unreadable.add(accountId, error.message, commands.length);
      for (const { commandId } of commands) undecided.set(commandId, error.message);
      return undefined;
    }
  }

  private logWaiting(held: readonly CommandRequest[], longestLeaseMs: number): void {
    const { commandId, accountId } = held[0]!.content;
    this.logger.info(
      { commands: held.length, commandId, accountId, longestMs: Math.ceil(longestLeaseMs) },
      'waiting for outcomes of commands that another batch has claimed; if none is stored in time, this batch takes them over',
    );
  }

  /** Only at level `debug`: one line per command costs more than deciding it. */
  private logDecided(
    requests: readonly CommandRequest[],
    outcomes: ReadonlyMap<string, StoredOutcome>,
  ): void {
    if (!this.logger.isLevelEnabled('debug')) return;
    for (const { command } of requests) {
      const { type, commandId } = command;
      const decided = outcomes.get(commandId);
      const outcome = decided === undefined ? 'dead letter' : (decided.refusal ?? 'accepted');
      this.logger.debug(
        { commandId, correlationId: correlationOfCommand(command), type, outcome },
        'command decided',
      );
    }
  }
}
