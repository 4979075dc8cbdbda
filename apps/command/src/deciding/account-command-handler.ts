import {
  ConcurrencyError,
  StreamTombstonedError,
  type AccountRepository,
  type CommandSpans,
  type VersionedAccount,
} from '#libs/event-store';
import {
  decide,
  evolve,
  initialState,
  type Account,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';
import { Backoff } from '#libs/platform';
import { AccountCache, type CacheUse } from './account-cache.js';

/** For each of the first commands (at least one) why it was refused; undefined if it was accepted. */
export type Refusals = readonly (RefusalCode | undefined)[];

const MAX_ATTEMPTS = 5;

/** Whether an account's stream is likely to exist. A wrong hint costs a round trip; it never changes a decision. */
export type StreamHint = 'no-stream' | 'may-exist';

/** Limits the time in which a command's events may be appended: see `CommandClaims`. */
export interface AppendLease {
  /**
   * @returns until when the events may be appended
   * @throws if another process has taken the commands over
   */
  deadline(): Date | Promise<Date>;
}

/** A command's events have at most about 8 KiB, and the event store refuses an append of more than 1 MiB. */
const COMMANDS_PER_APPEND = 100;

/**
 * Handles commands on an account: (1) takes the account from the cache, or reads its stream; (2) decides about the commands
 * one after the other; (3) appends the events of all of them at once; (4) returns the account to the cache. If another
 * process has appended meanwhile, the handler reads and decides again.
 */
export class AccountCommandHandler {
  /** The owner of a partition keeps the accounts in memory, so most commands need one append and no read. */
  private readonly cache: AccountCache;
  private readonly lookups = { hits: 0, assumedNew: 0, misses: 0 };

  constructor(
    private readonly repository: AccountRepository,
    private readonly policy: Policy,
    cacheBytes: number,
  ) {
    this.cache = new AccountCache(cacheBytes);
  }

  get cacheUse(): CacheUse {
    return { ...this.lookups, bytes: this.cache.bytes };
  }

  /**
   * Handles the first commands, as many as can be appended together. Call it again with the others once the outcomes of these
   * are stored.
   * @param hint with `no-stream`, the stream is not read: an append that expects no stream proves the hint, or conflicts
   * @param spans of the commands, if tracing is on
   * @param lease limits the time of the append
   * @throws if the outcome of the append is unknown or concurrency retries are exhausted. The commands can be handled again:
   * the stream shows by their ids which ones it has processed
   */
  handle(
    accountId: string,
    commands: readonly Command[],
    hint: StreamHint = 'may-exist',
    spans?: CommandSpans,
    lease?: AppendLease,
  ): Promise<Refusals> {
    return this.retryOnConflict(accountId, commands.slice(0, COMMANDS_PER_APPEND), hint, spans, lease);
  }

  private async retryOnConflict(
    accountId: string,
    commands: readonly Command[],
    hint: StreamHint,
    spans: CommandSpans | undefined,
    lease: AppendLease | undefined,
  ): Promise<Refusals> {
    let backoff: Backoff | undefined;
    let conflict: ConcurrencyError | undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const currentHint = attempt === 1 ? hint : 'may-exist';
        return await this.attempt(accountId, commands, currentHint, spans, lease, conflict);
      } catch (error) {
        if (error instanceof StreamTombstonedError) return commands.map(refusalOfTombstoned);
        if (!(error instanceof ConcurrencyError) || attempt === MAX_ATTEMPTS) throw error;
        conflict = error;
        // The first conflict means that the cached account was stale, and the next attempt reads it.
        if (attempt > 1) await (backoff ??= new Backoff(10, 500)).wait();
      }
    }
  }

  private async attempt(
    accountId: string,
    commands: readonly Command[],
    hint: StreamHint,
    spans: CommandSpans | undefined,
    lease: AppendLease | undefined,
    conflict: ConcurrencyError | undefined,
  ): Promise<Refusals> {
    const assumed = this.take(accountId, hint);
    let current = assumed ?? (await this.repository.read(accountId));
    let { refusals, events } = this.decideAll(current.account, commands);
    if (assumed !== undefined && events.length === 0 && refusals.some((refusal) => refusal !== undefined)) {
      // A refusal is final, and without an append nothing proves that the assumed account is up to date: the hint may be
      // wrong, or another process may have appended while this one did not own the partition.
      current = await this.repository.readFrom(accountId, assumed);
      ({ refusals, events } = this.decideAll(current.account, commands));
    }
    const { account } = current;
    // A read after the conflict still finds no event: all events up to the conflict's revision are truncated.
    const expected = current.isTruncated === true ? conflict?.revision : current.revision;
    const revision =
      events.length === 0
        ? expected
        : await this.repository.append(accountId, expected, events, spans, await lease?.deadline());
    this.cache.put(accountId, { account, revision });
    return refusals;
  }

  /**
   * Decides about the commands and applies their events to the account. Stops before the first command with events that
   * follows one without events. A command without events, such as a refused one, is known by its stored outcome only. If a
   * crash lost that outcome after later events were appended, the command could be decided differently.
   */
  private decideAll(account: Account, commands: readonly Command[]) {
    const refusals: (RefusalCode | undefined)[] = [];
    const events: InvitationEvent[] = [];
    let commandsWithEvents = 0;
    for (const command of commands) {
      const decision = decide(account, command, this.policy);
      const decided = decision.outcome === 'accepted' ? decision.events : [];
      if (decided.length > 0 && refusals.length > commandsWithEvents) break;
      refusals.push(decision.outcome === 'refused' ? decision.code : undefined);
      if (decided.length > 0) commandsWithEvents += 1;
      for (const event of decided) {
        evolve(account, event);
        events.push(event);
      }
    }
    return { refusals, events };
  }

  private take(accountId: string, hint: StreamHint): VersionedAccount | undefined {
    const cached = this.cache.take(accountId);
    if (cached !== undefined) {
      this.lookups.hits += 1;
      return cached;
    }
    this.lookups[hint === 'no-stream' ? 'assumedNew' : 'misses'] += 1;
    return hint === 'no-stream' ? { account: initialState(), revision: undefined } : undefined;
  }
}

/** An account whose stream is tombstoned can send nothing, and none of its invitations can be found. */
const refusalOfTombstoned = ({ type }: Command): RefusalCode =>
  type === 'SendInvitation' ? 'ACCOUNT_RESTRICTED' : 'NOT_FOUND';
