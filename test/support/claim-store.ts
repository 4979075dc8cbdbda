import type { ClaimStatus, ClaimSettings, CommandContent, StoredOutcome } from '#libs/command-outcomes';
import type { ClaimStore } from '../../apps/command/src/intake/command-claims.js';

interface Claim {
  readonly content: CommandContent;
  holder: string;
  claimedAt: number;
}

const isSame = (one: CommandContent, other: CommandContent) =>
  one.accountId === other.accountId && one.actorId === other.actorId && one.digest === other.digest;

/**
 * Claims and outcomes in memory, as PostgreSQL stores them. test/integration/command-claims.spec.ts checks the same
 * behaviour there.
 */
export class MemoryClaimStore implements ClaimStore {
  readonly claims = new Map<string, Claim>();
  readonly outcomes = new Map<string, StoredOutcome>();

  /** @param now the database's clock */
  constructor(private readonly now: () => number) {}

  async claim(
    contents: readonly CommandContent[],
    { holder, endedHolders, leaseMs }: ClaimSettings,
  ): Promise<ReadonlyMap<string, ClaimStatus>> {
    const now = this.now();
    const statuses = new Map<string, ClaimStatus>();
    for (const given of contents) {
      const { commandId } = given;
      const outcome = this.outcomes.get(commandId);
      const before = this.claims.get(commandId);
      const isFree =
        before === undefined ||
        (isSame(before.content, given) &&
          (endedHolders.includes(before.holder) || before.claimedAt + leaseMs < now));
      if (outcome === undefined && isFree)
        this.claims.set(commandId, { content: before?.content ?? given, holder, claimedAt: now });
      const claim = this.claims.get(commandId);
      const isUndecided = outcome === undefined && claim !== undefined;
      statuses.set(commandId, {
        content: claim?.content,
        outcome,
        isMine: isUndecided && claim.holder === holder,
        leaseStarted: isUndecided && claim.holder === holder && claim.claimedAt === now,
        leaseRemainingMs: isUndecided ? claim.claimedAt + leaseMs - now : 0,
      });
    }
    return statuses;
  }

  async renew(commandIds: readonly string[], holder: string): Promise<boolean> {
    const mine = commandIds.map((id) => this.claims.get(id)).filter((claim) => claim?.holder === holder);
    for (const claim of mine) claim!.claimedAt = this.now();
    return mine.length === commandIds.length;
  }

  async storeOutcomes(
    outcomes: readonly StoredOutcome[],
    _decidedAt: string,
    holder: string,
  ): Promise<ReadonlyMap<string, StoredOutcome>> {
    for (const outcome of outcomes) {
      const { commandId, refusal } = outcome;
      const mayStore = refusal === undefined || this.claims.get(commandId)?.holder === holder;
      if (!this.outcomes.has(commandId) && mayStore) this.outcomes.set(commandId, outcome);
    }
    const known = outcomes.flatMap(({ commandId }) => this.outcomes.get(commandId) ?? []);
    return new Map(known.map((outcome) => [outcome.commandId, outcome]));
  }
}
