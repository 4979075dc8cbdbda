import { setTimeout as sleep } from 'node:timers/promises';
import { Topics } from '#libs/contracts';
import { Registry } from 'prom-client';
import {
  ConcurrencyError,
  EventStoreUnavailableError,
  type VersionedAccount,
  type AccountRepository,
} from '#libs/event-store';
import { DEFAULT_POLICY, evolve, initialState, type InvitationEvent } from '#libs/invitation';
import type { ConsumedMessage, ProducerMessage } from '#libs/kafka';
import { createLogger, Health, type Pool } from '#libs/platform';
import { CommandClaims, type ClaimStore } from '../../apps/command/src/intake/command-claims.js';
import { BatchPublisher } from '../../apps/command/src/intake/batch-publisher.js';
import { CommandBatchHandler } from '../../apps/command/src/intake/command-batch-handler.js';
import { CommandMetrics } from '../../apps/command/src/intake/instrumentation.js';
import { OperatorSignatureCheck } from '../../apps/command/src/intake/parse-batch.js';
import { DeadLetterDeduplicator } from '../../apps/command/src/intake/dead-letter-deduplicator.js';
import { AccountCommandHandler } from '../../apps/command/src/deciding/account-command-handler.js';
import { UnreadableAccounts } from '../../apps/command/src/deciding/unreadable-accounts.js';
import { ReplyTopicBreaker } from '../../apps/command/src/intake/reply-topic-breaker.js';
import { MemoryAccountState } from '../support/account-state.js';
import { MemoryClaimStore } from '../support/claim-store.js';

export const REPLIES = 'invitations.outcomes.test';
const SILENT = createLogger('test', 'silent');

/** A request on its way to a server, or a response on its way back. */
interface Step {
  readonly owner: number;
  readonly run: () => void;
  /** The earliest time of its arrival. */
  readonly at: number;
  /** Arrives at its server even if its process has crashed. */
  readonly isRequest: boolean;
}

/**
 * Runs the real code of command apps against servers whose responses are delayed at random or lost, in processes that
 * are paused and crash between any two operations. Only the order of operations is simulated: each has the effect that
 * it has in PostgreSQL and EventStoreDB.
 */
export class Interleaving {
  clock = Date.UTC(2026, 0, 5);
  readonly claims = new MemoryClaimStore(() => this.clock);
  readonly streams = new Map<string, InvitationEvent[]>();
  /** The projection, which lags by a random number of events. */
  private readonly accountState = new MemoryAccountState();
  /** Every published outcome, by command. */
  readonly published: { readonly key: string; readonly value: Record<string, string> }[] = [];
  readonly counts = { takeovers: 0, lost: 0, lateAppends: 0, crashes: 0 };
  private steps: Step[] = [];
  private readonly crashed = new Set<number>();
  private readonly paused = new Set<number>();
  private holders = 0;
  private processes = 0;
  private readonly running = new Set<number>();
  /** From now on, there are no faults. */
  isCalm = false;

  constructor(
    private readonly random: () => number,
    /** The maximum clock skew, in milliseconds. */
    private readonly skewMs: number,
  ) {}

  /** Starts a process that handles the messages until it has completed them or has crashed. */
  start(messages: readonly ConsumedMessage[]): void {
    const owner = (this.processes += 1);
    this.running.add(owner);
    const intake = this.intakeOf(owner);
    void (async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await intake.handle(messages);
          break;
        } catch (error) {
          if (/taken over/.test(String(error))) this.counts.lost += 1;
          else if (!/lost|no clear answer|ConcurrencyError/.test(String(error))) throw error;
        }
        await this.sleep(owner, 200);
      }
    })().then(
      () => this.running.delete(owner),
      (error: unknown) => (this.failure = error),
    );
  }

  private failure: unknown;

  /** Runs all operations until every process has ended. */
  async run(mayCrash: boolean): Promise<void> {
    for (let n = 0; this.running.size > 0 || this.steps.some(({ isRequest }) => isRequest); n += 1) {
      await new Promise(setImmediate);
      if (this.failure !== undefined) throw this.failure;
      if (n > 20_000) throw new Error('it does not end');
      if (this.random() < 0.2) this.accountState.project(Math.floor(this.random() * 3));
      if (!this.isCalm) this.disturb(mayCrash);
      await this.step();
    }
  }

  private disturb(mayCrash: boolean): void {
    const owner = 1 + Math.floor(this.random() * this.processes);
    const turn = this.random();
    if (turn < 0.08) this.paused.add(owner);
    else if (turn < 0.12) this.paused.clear();
    else if (turn < 0.2) this.clock += Math.floor(this.random() ** 2 * 20_000);
    else if (turn < 0.21 && mayCrash && this.running.has(owner)) {
      this.crashed.add(owner);
      this.running.delete(owner);
      this.counts.crashes += 1;
      this.steps = this.steps.filter((step) => step.owner !== owner || step.isRequest);
    }
  }

  private async step(): Promise<void> {
    const isReady = ({ owner, at, isRequest }: Step) =>
      at <= this.clock && (isRequest || this.isCalm || !this.paused.has(owner));
    const ready = this.steps.filter(isReady);
    const chosen = ready[Math.floor(this.random() * ready.length)];
    if (chosen !== undefined) {
      this.steps.splice(this.steps.indexOf(chosen), 1);
      return chosen.run();
    }
    const next = Math.min(...this.steps.filter(({ owner }) => !this.paused.has(owner)).map(({ at }) => at));
    if (Number.isFinite(next)) this.clock = Math.max(this.clock, next);
    else if (this.paused.size > 0) this.paused.clear();
    // A process waits by its own clock between two conflicts.
    else await sleep(1);
  }

  /** Simulates a call of a server: request, effect, response. */
  private call<T>(owner: number, lost: () => Error, serve: () => T | Promise<T>, givesUp = 0.05): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.crashed.has(owner)) return;
      const answer = (run: () => void) => {
        if (!this.crashed.has(owner)) this.steps.push({ owner, run, at: this.clock, isRequest: false });
      };
      const fate = this.isCalm ? 1 : this.random();
      const request = () => {
        try {
          const result = serve();
          // The response is lost, or nobody waits for it any more.
          answer(() => (fate < 2 * givesUp ? reject(lost()) : resolve(result)));
        } catch (error) {
          answer(() => reject(error));
        }
      };
      const isSlow = fate < givesUp || (!this.isCalm && this.random() < 0.1);
      const at = this.clock + (isSlow ? this.random() * 20_000 : 0);
      this.steps.push({ owner, run: request, at, isRequest: true });
      // A caller that timed out tries again while its first request is still on the way.
      if (fate < givesUp) answer(() => reject(lost()));
    });
  }

  private sleep(owner: number, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.steps.push({ owner, run: resolve, at: this.clock + Math.max(1, ms), isRequest: false });
    });
  }

  private intakeOf(owner: number): CommandBatchHandler {
    const skew = (this.random() * 2 - 1) * this.skewMs;
    const now = () => this.clock + skew;
    const logger = SILENT;
    // Processes have different configurations, too: one runs the next version.
    const policy = { ...DEFAULT_POLICY, invitationLimit: !this.isCalm && this.random() < 0.3 ? 0 : 3_000 };
    const decider = new AccountCommandHandler(
      this.repositoryOf(owner) as unknown as AccountRepository,
      policy,
      2 ** 20,
      // So few that accounts are trimmed.
      this.random() < 0.5 ? 4 : undefined,
    );
    const claims = new CommandClaims(
      this.storeOf(owner),
      now,
      () => `holder-${(this.holders += 1)}`,
      (ms) => this.sleep(owner, ms),
    );
    const pool = {
      query: ({ text, values }: { text: string; values: string[][] }) => this.query(owner, text, values),
    };
    const producer = {
      send: (messages: readonly ProducerMessage[]) =>
        this.call(
          owner,
          () => new Error('lost'),
          () => {
            for (const { key, value } of messages)
              this.published.push({
                key: String(key),
                value: JSON.parse(String(value)) as Record<string, string>,
              });
          },
        ),
    };
    return new CommandBatchHandler(
      decider,
      new OperatorSignatureCheck(undefined),
      claims,
      pool as unknown as Pool,
      new BatchPublisher(
        new Topics(),
        producer,
        producer,
        new ReplyTopicBreaker(
          new Topics(),
          async () => [REPLIES],
          () => 0,
          logger,
        ),
        new DeadLetterDeduplicator(
          async () => new Set(),
          () => 0,
        ),
        logger,
      ),
      new CommandMetrics(new Registry()),
      new UnreadableAccounts(new Registry(), new Health(), logger),
      () => new Date(now()),
      logger,
    );
  }

  private storeOf(owner: number): ClaimStore {
    const lost = () => new Error('connection lost');
    return {
      claim: async (contents, settings) => {
        const before = new Set(this.claims.claims.keys());
        const standings = await this.call(owner, lost, () => this.claims.claim(contents, settings));
        for (const [id, { leaseStarted }] of standings)
          if (leaseStarted && before.has(id)) this.counts.takeovers += 1;
        return standings;
      },
      renew: (ids, holder) => this.call(owner, lost, () => this.claims.renew(ids, holder)),
      storeOutcomes: (outcomes, at, holder) =>
        this.call(owner, lost, () => this.claims.storeOutcomes(outcomes, at, holder)),
    };
  }

  private query(owner: number, text: string, values: string[][]): Promise<{ rows: object[] }> {
    return this.call(
      owner,
      () => new Error('connection lost'),
      () => {
        if (text.includes('read_models.account_state')) return this.accountState.query(values);
        // The directory changes between any two queries.
        const takesInvitations = this.isCalm || this.random() < 0.6;
        const isRemoved = () => !this.isCalm && this.random() < 0.1;
        const [recipients, actors] = values as [string[], string[]];
        return {
          rows: [
            ...recipients.map((id) => ({ id, email: '', takesInvitations })),
            ...actors.filter(isRemoved).map((id) => ({ id, email: null, takesInvitations })),
          ],
        };
      },
    );
  }

  private repositoryOf(owner: number): Pick<AccountRepository, 'read' | 'readFrom' | 'append'> {
    const readFrom = (accountId: string, { account, revision }: VersionedAccount) =>
      this.call(
        owner,
        () => new EventStoreUnavailableError('no clear answer: lost'),
        () => {
          const stream = this.streams.get(accountId) ?? [];
          return { events: stream.slice(Number(revision ?? -1n) + 1), length: stream.length };
        },
      ).then(({ events, length }) => {
        events.reduce(evolve, account);
        return { account, revision: length === 0 ? undefined : BigInt(length - 1) };
      });
    return {
      readFrom,
      read: (accountId) => readFrom(accountId, { account: initialState(), revision: undefined }),
      append: (accountId, revision, events, _steps, notAfter) =>
        this.call(
          owner,
          () => new EventStoreUnavailableError('no clear answer: lost'),
          () => {
            if (this.clock > notAfter!.getTime()) {
              this.counts.lateAppends += 1;
              throw new EventStoreUnavailableError('no clear answer: the deadline has passed');
            }
            const stream = this.streams.get(accountId) ?? [];
            if (Number(revision ?? -1n) !== stream.length - 1) throw new ConcurrencyError(accountId);
            this.streams.set(accountId, [...stream, ...events]);
            this.accountState.append(accountId, events);
            return BigInt(stream.length + events.length - 1);
          },
          0.25,
        ),
    };
  }
}
