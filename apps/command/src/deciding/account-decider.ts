import { AccountGone, Conflict, type AccountAt, type AccountRepository, type Steps } from '#libs/event-store';
import {
  decide,
  evolve,
  openAccount,
  type Account,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';
import { Backoff } from '#libs/platform';
import { AccountCache } from './account-cache.js';

/** Why each command was refused; undefined for those that were accepted. For the first commands, at least one. */
export type Refusals = readonly (RefusalCode | undefined)[];

const ATTEMPTS = 5;

/** Whether an account's stream is thought to exist. Only what a command costs depends on it, never what becomes of it. */
export type Guess = 'new' | 'known';

/** The largest command's events have about 8 KiB, and the event store refuses an append of more than 1 MiB. */
const COMMANDS_AN_APPEND = 100;

/** Decides about the commands on an account, one after the other, and appends their events together. */
export class AccountDecider {
  /** The owner of a partition keeps its accounts warm; a command is then one append and no read. */
  private readonly accounts: AccountCache;
  private readonly lookups = { hits: 0, guesses: 0, misses: 0 };

  constructor(
    private readonly repository: AccountRepository,
    private readonly policy: Policy,
    cacheBytes: number,
  ) {
    this.accounts = new AccountCache(cacheBytes);
  }

  /** Lookups since the start, and bytes as estimated. */
  get cacheUse(): {
    readonly hits: number;
    readonly guesses: number;
    readonly misses: number;
    readonly bytes: number;
  } {
    return { ...this.lookups, bytes: this.accounts.bytes };
  }

  /**
   * Decides about the first commands, as many as go together, and appends. To be called again with the others once the
   * outcomes of these are stored. Another writer on the account (a rebalance that overlaps, say) means: read and decide again.
   * @param guess of an account that is thought to be new no stream is read: an append at the very beginning proves it,
   * or conflicts
   * @param steps on the commands' ways, where traces are kept
   * @throws when the event store gives no clear answer, or the account never stands still; then nothing is known, and
   * deciding again later is right: what was appended is recognised by its command id
   */
  carryOut(
    accountId: string,
    commands: readonly Command[],
    guess: Guess = 'known',
    steps?: Steps,
  ): Promise<Refusals> {
    return this.untilItStandsStill(accountId, commands.slice(0, COMMANDS_AN_APPEND), guess, steps);
  }

  private async untilItStandsStill(
    accountId: string,
    commands: readonly Command[],
    guess: Guess,
    steps: Steps | undefined,
  ): Promise<Refusals> {
    let backoff: Backoff | undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(accountId, commands, attempt === 1 ? guess : 'known', steps);
      } catch (error) {
        if (error instanceof AccountGone) return commands.map(refusalOfGone);
        if (!(error instanceof Conflict) || attempt === ATTEMPTS) throw error;
        // The first conflict says that the account was out of date; what is read next is not.
        if (attempt > 1) await (backoff ??= new Backoff(10, 500)).wait();
      }
    }
  }

  private async attempt(
    accountId: string,
    commands: readonly Command[],
    guess: Guess,
    steps: Steps | undefined,
  ): Promise<Refusals> {
    const assumed = this.take(accountId, guess);
    let at = assumed ?? (await this.repository.read(accountId));
    let { refusals, events } = this.decideAll(at.account, commands);
    if (assumed !== undefined && events.length === 0 && refusals.some((refusal) => refusal !== undefined)) {
      // An append proves that the account is as assumed. Where nothing is appended, the guess may be wrong, or another
      // process may have carried the account on while this one had lost the partition; and a refusal stands for ever.
      at = await this.repository.readOn(accountId, assumed);
      ({ refusals, events } = this.decideAll(at.account, commands));
    }
    const { account, revision } = at;
    const now =
      events.length === 0 ? revision : await this.repository.append(accountId, revision, events, steps);
    this.accounts.put(accountId, { account, revision: now });
    return refusals;
  }

  /**
   * Changes the account by every event that is decided. A command that leaves no event, a refused one above all, is
   * known by its stored outcome only: after a crash it would be decided again, and behind later events it could end
   * otherwise. So nothing that changes the account is decided behind it before its outcome is stored.
   */
  private decideAll(account: Account, commands: readonly Command[]) {
    const refusals: (RefusalCode | undefined)[] = [];
    const events: InvitationEvent[] = [];
    let withEvents = 0;
    for (const command of commands) {
      const decision = decide(account, command, this.policy);
      const happened = decision.outcome === 'accepted' ? decision.events : [];
      if (happened.length > 0 && refusals.length > withEvents) break;
      refusals.push(decision.outcome === 'refused' ? decision.code : undefined);
      if (happened.length > 0) withEvents += 1;
      for (const event of happened) {
        evolve(account, event);
        events.push(event);
      }
    }
    return { refusals, events };
  }

  private take(accountId: string, guess: Guess): AccountAt | undefined {
    const cached = this.accounts.take(accountId);
    if (cached !== undefined) {
      this.lookups.hits += 1;
      return cached;
    }
    this.lookups[guess === 'new' ? 'guesses' : 'misses'] += 1;
    return guess === 'new' ? newAccount() : undefined;
  }
}

const newAccount = (): AccountAt => ({ account: openAccount(), revision: undefined });

/** An account that was deleted for ever can send nothing, and no invitation of its own can be found. */
const refusalOfGone = ({ type }: Command): RefusalCode =>
  type === 'SendInvitation' ? 'ACCOUNT_RESTRICTED' : 'NOT_FOUND';
