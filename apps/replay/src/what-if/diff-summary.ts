import { DIFFERENCE_KINDS, type Difference, type DifferenceKind } from './history-simulation.js';

interface AccountSummary {
  readonly accountId: string;
  readonly counts: Record<DifferenceKind, number>;
  /** The instant of the first restriction that would have happened. */
  restrictedAt?: string;
}

/** Counts differences in total and by account. */
export class DiffSummary {
  readonly counts = zeroCounts();
  /** Invitations that would have been refused, by the code of the refusal. */
  readonly refused: Record<string, number> = {};
  /** Differences of the kind `void`, by the type of the event. */
  readonly void: Record<string, number> = {};
  private readonly accounts = new Map<string, AccountSummary>();

  add({ accountId, kind, at, type, code }: Difference): void {
    this.counts[kind] += 1;
    if (code !== undefined) this.refused[code] = (this.refused[code] ?? 0) + 1;
    if (kind === 'void') this.void[type] = (this.void[type] ?? 0) + 1;
    const account = this.accounts.get(accountId) ?? { accountId, counts: zeroCounts() };
    this.accounts.set(accountId, account);
    account.counts[kind] += 1;
    if (kind === 'restricted') account.restrictedAt ??= at;
  }

  /** @returns the accounts with differences; those with the most refused invitations, then the most differences, first */
  byAccount(): AccountSummary[] {
    return [...this.accounts.values()].toSorted(
      (one, other) =>
        other.counts.refused - one.counts.refused ||
        totalOf(other) - totalOf(one) ||
        (one.accountId < other.accountId ? -1 : 1),
    );
  }
}

const zeroCounts = () =>
  Object.fromEntries(Object.keys(DIFFERENCE_KINDS).map((kind) => [kind, 0])) as Record<
    DifferenceKind,
    number
  >;

const totalOf = ({ counts }: AccountSummary): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** The text shows this many accounts. */
const MAX_ACCOUNTS = 15;

type Description = Readonly<Record<string, string | number>>;

/** Formats the summary and the accounts with the most differences as text. */
export function formatSummary(
  { present, other }: { readonly present: Description; readonly other: Description },
  { events, accounts }: { readonly events: number; readonly accounts: number },
  summary: DiffSummary,
): string {
  const changes = Object.keys(other)
    .filter((key) => other[key] !== present[key])
    .map((key) => `${key} ${other[key]} instead of ${present[key]}`);
  const changed = summary.byAccount();
  const lines = [
    `${events} events of ${accounts} accounts, decided again with ${changes.join(', ') || 'the present policy'}.`,
  ];
  if (changed.length === 0) return `${[...lines, 'Nothing would be different.'].join('\n')}\n`;
  const kinds = (Object.keys(DIFFERENCE_KINDS) as DifferenceKind[]).filter(
    (kind) => summary.counts[kind] > 0,
  );
  lines.push(`${changed.length} accounts would be different.`, '');
  for (const kind of kinds) {
    lines.push(`${String(summary.counts[kind]).padStart(8)}  ${kind}: ${DIFFERENCE_KINDS[kind]}`);
    const parts = kind === 'refused' ? summary.refused : kind === 'void' ? summary.void : {};
    for (const [part, count] of Object.entries(parts)) lines.push(`${' '.repeat(10)}${count} ${part}`);
  }
  const shown = changed.slice(0, MAX_ACCOUNTS);
  const width = Math.max(7, ...shown.map(({ accountId }) => accountId.length));
  lines.push('', ['account'.padEnd(width), ...kinds.map((kind) => kind.padStart(14))].join(' '));
  for (const { accountId, counts } of shown)
    lines.push(
      [accountId.padEnd(width), ...kinds.map((kind) => String(counts[kind]).padStart(14))].join(' '),
    );
  if (changed.length > MAX_ACCOUNTS)
    lines.push(`and ${changed.length - MAX_ACCOUNTS} more: --json gives all`);
  return `${lines.join('\n')}\n`;
}
