import { LRUCache } from 'lru-cache';
import { Conflict, type AccountAt, type AccountRepository } from '#libs/event-store';
import {
  decide,
  evolve,
  type Account,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';
import { Backoff } from '#libs/platform';

/** Why each command was refused; undefined for those that were accepted. In the order of the commands. */
export type Refusals = readonly (RefusalCode | undefined)[];

const ATTEMPTS = 5;

/** The largest command's events have about 8 KiB, and the event store refuses an append of more than 1 MiB. */
const COMMANDS_AN_APPEND = 100;

/** Decides about the commands on an account, one after the other, and appends their events together. */
export class AccountDecider {
  /** The owner of a partition keeps its accounts warm; a command is then one append and no read. */
  private readonly accounts: LRUCache<string, AccountAt>;

  constructor(
    private readonly repository: AccountRepository,
    private readonly policy: Policy,
    cacheBytes: number,
  ) {
    this.accounts = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: ({ account }) => approximateBytes(account),
    });
  }

  /**
   * Decides and appends. Another writer on the account (a rebalance that overlaps, say) means: read and decide again.
   * @throws when the event store gives no clear answer, or the account never stands still; then nothing is known, and
   * deciding again later is right: what was appended is recognised by its command id
   */
  async carryOut(accountId: string, commands: readonly Command[]): Promise<Refusals> {
    const refusals: (RefusalCode | undefined)[] = [];
    for (let first = 0; first < commands.length; first += COMMANDS_AN_APPEND) {
      const some = commands.slice(first, first + COMMANDS_AN_APPEND);
      refusals.push(...(await this.untilItStandsStill(accountId, some)));
    }
    return refusals;
  }

  private async untilItStandsStill(accountId: string, commands: readonly Command[]): Promise<Refusals> {
    const backoff = new Backoff(10, 500);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(accountId, commands);
      } catch (error) {
        if (!(error instanceof Conflict) || attempt === ATTEMPTS) throw error;
        await backoff.wait();
      }
    }
  }

  private async attempt(accountId: string, commands: readonly Command[]): Promise<Refusals> {
    const cached = this.take(accountId);
    let at = cached ?? (await this.repository.read(accountId));
    let { refusals, events } = this.decideAll(at.account, commands);
    if (cached !== undefined && events.length === 0 && refusals.some((refusal) => refusal !== undefined)) {
      // An append proves that the account is up to date. Where nothing is appended, another process may have carried
      // the account on while this one had lost the partition, and a refusal stands for ever.
      at = await this.repository.readOn(accountId, cached);
      ({ refusals, events } = this.decideAll(at.account, commands));
    }
    const { account, revision } = at;
    const now = events.length === 0 ? revision : await this.repository.append(accountId, revision, events);
    this.accounts.set(accountId, { account, revision: now });
    return refusals;
  }

  /** Changes the account by every event that is decided. */
  private decideAll(account: Account, commands: readonly Command[]) {
    const refusals: (RefusalCode | undefined)[] = [];
    const events: InvitationEvent[] = [];
    for (const command of commands) {
      const decision = decide(account, command, this.policy);
      refusals.push(decision.outcome === 'refused' ? decision.code : undefined);
      if (decision.outcome === 'refused') continue;
      for (const event of decision.events) {
        evolve(account, event);
        events.push(event);
      }
    }
    return { refusals, events };
  }

  /** Out of the cache, for it is changed by deciding: only what was appended may go back. */
  private take(accountId: string): AccountAt | undefined {
    const cached = this.accounts.get(accountId);
    this.accounts.delete(accountId);
    return cached;
  }
}

/** About what V8 takes for the sets and maps of ids; measured, not exact. */
function approximateBytes({ invitations, relations, carriedOut, declinedBy }: Account): number {
  return 500 + 300 * invitations.size + 250 * relations.size + 120 * carriedOut.size + 120 * declinedBy.size;
}
