import { KINDS, type Difference, type DifferenceKind } from './difference.js';

export interface AccountSummary {
  readonly accountId: string;
  readonly counts: Record<DifferenceKind, number>;
  /** When it would have been restricted first. */
  restrictedAt?: string;
}

/** Differences, counted: in all, and by account. */
export class Summary {
  readonly counts = noCounts();
  /** Of invitations, by why they would have been refused. */
  readonly refused: Record<string, number> = {};
  /** Of what would have had nothing to be done to, by the type of its event. */
  readonly void: Record<string, number> = {};
  private readonly accounts = new Map<string, AccountSummary>();

  add({ accountId, kind, at, type, code }: Difference): void {
    this.counts[kind] += 1;
    if (code !== undefined) this.refused[code] = (this.refused[code] ?? 0) + 1;
    if (kind === 'void') this.void[type] = (this.void[type] ?? 0) + 1;
    const account = this.accounts.get(accountId) ?? { accountId, counts: noCounts() };
    this.accounts.set(accountId, account);
    account.counts[kind] += 1;
    if (kind === 'restricted') account.restrictedAt ??= at;
  }

  /** Those where anything is different, what is most different first. */
  byAccount(): AccountSummary[] {
    return [...this.accounts.values()].toSorted(
      (one, other) =>
        other.counts.refused - one.counts.refused ||
        totalOf(other) - totalOf(one) ||
        (one.accountId < other.accountId ? -1 : 1),
    );
  }
}

const noCounts = () =>
  Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, 0])) as Record<DifferenceKind, number>;

const totalOf = ({ counts }: AccountSummary): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
