import type { HistoryTables } from './history-tables.js';
import { DIFFERENCE_KINDS, type DifferenceKind } from './difference.js';

type Counts = Record<DifferenceKind, number>;

/** Counts of differences. */
export interface DiffSummary {
  readonly counts: Counts;
  /** Invitations that would have been refused, by the code of the refusal. */
  readonly refused: Record<string, number>;
  /** Differences of the kind `void`, by the type of the event. */
  readonly void: Record<string, number>;
  /** The number of accounts with differences. */
  readonly changedAccounts: number;
}

export interface AccountSummary {
  readonly accountId: string;
  readonly counts: Counts;
  /** The instant of the first restriction that would have happened. */
  readonly restrictedAt?: string;
}

const KINDS = Object.keys(DIFFERENCE_KINDS) as DifferenceKind[];
const COUNTS_SQL = KINDS.map((kind) => `count(*) FILTER (kind = '${kind}')::INTEGER`).join(', ');

const toCounts = (values: readonly unknown[]) =>
  Object.fromEntries(KINDS.map((kind, index) => [kind, values[index]])) as Counts;

/** Counts the differences, each part with the most first. */
export async function summarize(tables: HistoryTables): Promise<DiffSummary> {
  let counts = toCounts([]);
  let changedAccounts = 0;
  const totals = tables.rows(`SELECT count(DISTINCT account_id)::INTEGER, ${COUNTS_SQL} FROM differences`);
  for await (const [accounts, ...values] of totals) {
    changedAccounts = accounts as number;
    counts = toCounts(values);
  }
  const countBy = async (column: 'code' | 'event_type', kind: DifferenceKind) => {
    const parts: Record<string, number> = {};
    const rows = tables.rows(
      `SELECT ${column}, count(*)::INTEGER AS count FROM differences WHERE kind = '${kind}' GROUP BY 1 ORDER BY count DESC, 1`,
    );
    for await (const [part, count] of rows) parts[part as string] = count as number;
    return parts;
  };
  return {
    counts,
    refused: await countBy('code', 'refused'),
    void: await countBy('event_type', 'void'),
    changedAccounts,
  };
}

/** @returns the accounts with differences; those with the most refused invitations, then the most differences, first */
export async function* summarizeAccounts(tables: HistoryTables): AsyncGenerator<AccountSummary, void, void> {
  const rows = tables.rows(`
    SELECT account_id, min(happened_at) FILTER (kind = 'restricted'), ${COUNTS_SQL} FROM differences GROUP BY account_id
    ORDER BY count(*) FILTER (kind = 'refused') DESC, count(*) DESC, account_id`);
  for await (const [accountId, restrictedAt, ...values] of rows)
    yield {
      accountId: accountId as string,
      counts: toCounts(values),
      ...(restrictedAt === null ? {} : { restrictedAt: restrictedAt as string }),
    };
}

/** The text shows this many accounts. */
export const MAX_ACCOUNTS = 15;

type Description = Readonly<Record<string, string | number>>;

/** Formats the summary and the accounts with the most differences, `shown`, as text. */
export function formatSummary(
  { present, other }: { readonly present: Description; readonly other: Description },
  { events, accounts }: { readonly events: number; readonly accounts: number },
  summary: DiffSummary,
  shown: readonly AccountSummary[],
): string {
  const changes = Object.keys(other)
    .filter((key) => other[key] !== present[key])
    .map((key) => `${key} ${other[key]} instead of ${present[key]}`);
  const lines = [
    `${events} events of ${accounts} accounts, decided again with ${changes.join(', ') || 'the present policy'}.`,
  ];
  if (summary.changedAccounts === 0) return `${[...lines, 'Nothing would be different.'].join('\n')}\n`;
  const kinds = KINDS.filter((kind) => summary.counts[kind] > 0);
  lines.push(`${summary.changedAccounts} accounts would be different.`, '');
  for (const kind of kinds) {
    lines.push(`${String(summary.counts[kind]).padStart(8)}  ${kind}: ${DIFFERENCE_KINDS[kind]}`);
    const parts = kind === 'refused' ? summary.refused : kind === 'void' ? summary.void : {};
    for (const [part, count] of Object.entries(parts)) lines.push(`${' '.repeat(10)}${count} ${part}`);
  }
  const width = Math.max(7, ...shown.map(({ accountId }) => accountId.length));
  lines.push('', ['account'.padEnd(width), ...kinds.map((kind) => kind.padStart(14))].join(' '));
  for (const { accountId, counts } of shown)
    lines.push(
      [accountId.padEnd(width), ...kinds.map((kind) => String(counts[kind]).padStart(14))].join(' '),
    );
  const more = summary.changedAccounts - shown.length;
  if (more > 0) lines.push(`and ${more} more: --json gives all`);
  return `${lines.join('\n')}\n`;
}
