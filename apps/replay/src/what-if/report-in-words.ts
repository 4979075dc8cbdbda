import { KINDS, type DifferenceKind } from './difference.js';
import type { policyInWords } from './policy-options.js';
import type { Summary } from './summary.js';

type Words = ReturnType<typeof policyInWords>;

/** Accounts that a person reads. */
const ACCOUNTS = 15;

/** The summary and the accounts where most is different, as text. */
export function inWords(
  { present, other }: { readonly present: Words; readonly other: Words },
  { events, accounts }: { readonly events: number; readonly accounts: number },
  summary: Summary,
): string {
  const changes = (Object.keys(other) as (keyof Words)[])
    .filter((key) => other[key] !== present[key])
    .map((key) => `${key} ${other[key]} instead of ${present[key]}`);
  const all = summary.byAccount();
  const lines = [
    `${events} events of ${accounts} accounts, decided again with ${changes.join(', ') || 'the present policy'}.`,
  ];
  if (all.length === 0) return `${[...lines, 'Nothing would be different.'].join('\n')}\n`;
  const kinds = (Object.keys(KINDS) as DifferenceKind[]).filter((kind) => summary.counts[kind] > 0);
  lines.push(`${all.length} accounts would be different.`, '');
  for (const kind of kinds) {
    lines.push(`${String(summary.counts[kind]).padStart(8)}  ${kind}: ${KINDS[kind]}`);
    const parts = kind === 'refused' ? summary.refused : kind === 'void' ? summary.void : {};
    for (const [part, count] of Object.entries(parts)) lines.push(`${' '.repeat(10)}${count} ${part}`);
  }
  const width = Math.max(7, ...all.slice(0, ACCOUNTS).map(({ accountId }) => accountId.length));
  lines.push('', ['account'.padEnd(width), ...kinds.map((kind) => kind.padStart(14))].join(' '));
  for (const { accountId, counts } of all.slice(0, ACCOUNTS))
    lines.push(
      [accountId.padEnd(width), ...kinds.map((kind) => String(counts[kind]).padStart(14))].join(' '),
    );
  if (all.length > ACCOUNTS) lines.push(`and ${all.length - ACCOUNTS} more: --json gives all`);
  return `${lines.join('\n')}\n`;
}
