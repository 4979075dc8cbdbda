import type { ProjectedAccount } from '#libs/account-state';
import {
  AccountNotOfStreamError,
  ConcurrencyError,
  StreamTombstonedError,
  type AccountRepository,
  type CommandSpans,
} from '#libs/event-store';
import {
  areLoaded,
  decide,
  entriesChangedBy,
  entriesOf,
  EntryNotLoadedError,
  evolve,
  initialState,
  isPartial,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';
import { Backoff } from '#libs/platform';
import { AccountCache, type CachedAccount, type CacheUse } from './account-cache.js';

/** For each of the first commands (at least one) why it was refused; undefined if it was accepted. */
export type Refusals = readonly (RefusalCode | undefined)[];

const MAX_ATTEMPTS = 5;

/**
 * What is known of an account before its stream is read: its state in the projection, or whether its stream is likely to exist.
 * A wrong or outdated hint costs a round trip; it never changes a decision.
 */
export type AccountHint = ProjectedAccount | 'no-stream' | 'may-exist';

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

/** The account that the commands are decided from, and whether it is known to be at the end of its stream. */
interface KnownAccount extends CachedAccount {
  /** False if another process may have appended since. */
  readonly isConfirmed: boolean;
}

/** The outcome of deciding, and the account with its events. */
interface Decided {
  readonly from: CachedAccount;
  readonly refusals: Refusals;
  readonly events: readonly InvitationEvent[];
}

/**
 * Handles commands on an account: (1) takes the account from the cache, from the projection, or from its stream; (2) decides
 * about the commands one after the other; (3) appends the events of all of them at once; (4) returns the account to the cache. If
 * another process has appended meanwhile, the handler reads on and decides again (docs/adr/0017).
 */
export class AccountCommandHandler {
  private readonly cache: AccountCache;
  private readonly lookups = { hits: 0, projected: 0, assumedNew: 0, misses: 0 };

  constructor(
    private readonly repository: AccountRepository,
    private readonly policy: Policy,
    cacheBytes: number,
    maxEntriesPerAccount?: number,
  ) {
    this.cache = new AccountCache(cacheBytes, maxEntriesPerAccount);
  }

  get cacheUse(): CacheUse {
    return { ...this.lookups, bytes: this.cache.bytes };
  }

  /**
   * Handles the first commands, as many as can be appended together. Call it again with the others once the outcomes of these
   * are stored.
   * @param hint with a projected account or `no-stream`, the stream is not read: the append proves the hint, or conflicts
   * @param spans of the commands, if tracing is on
   * @param lease limits the time of the append
   * @throws if the outcome of the append is unknown or concurrency retries are exhausted. The commands can be handled again:
   * the stream shows by their ids which ones it has processed
   */
  handle(
    accountId: string,
    commands: readonly Command[],
    hint: AccountHint = 'may-exist',
    spans?: CommandSpans,
    lease?: AppendLease,
  ): Promise<Refusals> {
    return this.retryOnConflict(accountId, commands.slice(0, COMMANDS_PER_APPEND), hint, spans, lease);
  }

  private async retryOnConflict(
    accountId: string,
    commands: readonly Command[],
    hint: AccountHint,
    spans: CommandSpans | undefined,
    lease: AppendLease | undefined,
  ): Promise<Refusals> {
    let backoff: Backoff | undefined;
    let conflict: ConcurrencyError | undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(accountId, commands, hint, spans, lease, conflict);
      } catch (error) {
        if (error instanceof StreamTombstonedError) return commands.map(refusalOfTombstoned);
        if (!(error instanceof ConcurrencyError) || attempt === MAX_ATTEMPTS) throw error;
        conflict = error;
        // The first conflict means that the known account was stale, and the next attempt reads the stream.
        if (attempt > 1) await (backoff ??= new Backoff(10, 500)).wait();
      }
    }
  }

  private async attempt(
    accountId: string,
    commands: readonly Command[],
    hint: AccountHint,
    spans: CommandSpans | undefined,
    lease: AppendLease | undefined,
    conflict: ConcurrencyError | undefined,
  ): Promise<Refusals> {
    const { from, refusals, events } = await this.decideFromKnown(
      accountId,
      commands,
      hint,
      conflict !== undefined,
    ).catch(async (error: unknown) => {
      if (!(error instanceof EntryNotLoadedError || error instanceof AccountNotOfStreamError)) throw error;
      return this.decideAll(await this.repository.read(accountId), commands);
    });
    // A read after the conflict still finds no event: all events up to the conflict's revision are truncated.
    const expected = from.isTruncated === true ? conflict?.revision : from.revision;
    const revision =
      events.length === 0
        ? expected
        : await this.repository.append(accountId, expected, events, spans, await lease?.deadline());
    const { account } = from;
    const isCovered = events.every((event) => areLoaded(account, entriesChangedBy(event)));
    this.cache.put(accountId, { account, revision, coveredFrom: isCovered ? from.coveredFrom : revision });
    return refusals;
  }

  private async decideFromKnown(
    accountId: string,
    commands: readonly Command[],
    hint: AccountHint,
    hasConflict: boolean,
  ): Promise<Decided> {
    const known = await this.takeAccount(accountId, commands, hint, hasConflict);
    const decided = this.decideAll(known, commands);
    if (known.isConfirmed || decided.events.length > 0) return decided;
    // A refusal is final, and so is an acceptance that changes nothing. Without an append nothing proves that the account is up to
    // date: the hint may be wrong or outdated, or another process may have appended while this one did not own the partition.
    return this.decideAll(await this.readOn(accountId, known), commands);
  }

  /** Takes the account from the cache, from the projection, or from its stream, and counts the lookup. */
  private async takeAccount(
    accountId: string,
    commands: readonly Command[],
    hint: AccountHint,
    hasConflict: boolean,
  ): Promise<KnownAccount> {
    const cached = this.cache.take(accountId);
    if (cached !== undefined && this.canDecide(cached, commands, hint)) {
      this.lookups.hits += 1;
      return { ...cached, isConfirmed: false };
    }
    if (typeof hint === 'object') {
      this.lookups.projected += 1;
      const { revision, eventId } = hint;
      const projected = { account: hint.toAccount(), revision, eventId, coveredFrom: revision };
      const isBehind = hasConflict || (cached?.revision !== undefined && cached.revision > revision);
      return isBehind
        ? { ...(await this.readOn(accountId, projected)), isConfirmed: true }
        : { ...projected, isConfirmed: false };
    }
    if (hint === 'no-stream' && cached === undefined && !hasConflict) {
      this.lookups.assumedNew += 1;
      return { account: initialState(), revision: undefined, isConfirmed: false };
    }
    this.lookups.misses += 1;
    return { ...(await this.repository.read(accountId)), isConfirmed: true };
  }

  /**
   * Whether the cached account is not behind the projection and has the entries that the commands need. Loads those that it
   * lacks from the projection, if that is as new as the cached account in everything that is not loaded: no event after
   * `coveredFrom` changed such an entry.
   */
  private canDecide(cached: CachedAccount, commands: readonly Command[], hint: AccountHint): boolean {
    const { account, revision = -1n, coveredFrom = -1n } = cached;
    if (typeof hint === 'object' && hint.revision > revision) return false;
    if (!isPartial(account)) return true;
    if (typeof hint === 'object' && coveredFrom <= hint.revision) hint.addMissingTo(account);
    return commands.every((command) => areLoaded(account, entriesOf(command.commandId, command)));
  }

  /** Reads to the end of the stream. Events of other writers may change entries that are not loaded. */
  private async readOn(accountId: string, from: CachedAccount): Promise<CachedAccount> {
    const read = await this.repository.readFrom(accountId, from);
    return { ...read, coveredFrom: read.revision === from.revision ? from.coveredFrom : read.revision };
  }

  /**
   * Decides about the commands and applies their events to the account. Stops before the first command with events that
   * follows one without events. A command without events, such as a refused one, is known by its stored outcome only. If a
   * crash lost that outcome after later events were appended, the command could be decided differently.
   */
  private decideAll(from: CachedAccount, commands: readonly Command[]): Decided {
    const { account } = from;
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
    return { from, refusals, events };
  }
}

/** An account whose stream is tombstoned can send nothing, and none of its invitations can be found. */
const refusalOfTombstoned = ({ type }: Command): RefusalCode =>
  type === 'SendInvitation' ? 'ACCOUNT_RESTRICTED' : 'NOT_FOUND';
