import type { Comparison, Difference, Pair } from '#libs/projection';

/**
 * How two generations differ. Columns by their names only, unless values are asked for: members' texts are their own.
 */
export function differencesAsText(
  { live, next, agree, counts, sample }: Comparison,
  pair: Pair,
  withValues: boolean,
): string[] {
  const sums = [
    `generation ${pair.live}: ${live.rows} rows, checksum ${live.sum}`,
    `generation ${pair.next}: ${next.rows} rows, checksum ${next.sum}`,
  ];
  if (agree) return [...sums, 'they agree'];
  const { missing, extra, different } = counts;
  return [
    ...sums,
    `they differ: ${missing} rows missing in generation ${pair.next}, ${extra} only there, ${different} different. Some of them:`,
    ...sample.flatMap((one) => [headline(one), ...(withValues ? valuesOf(one) : [])]),
  ];
}

function headline({ kind, key, columns }: Difference): string {
  return kind === 'different' ? `  different  ${key}: ${columns.join(', ')}` : `  ${kind.padEnd(9)}  ${key}`;
}

const valuesOf = ({ columns, before, after }: Difference): string[] =>
  columns.map(
    (name) => `    ${name}: ${JSON.stringify(before?.[name])} is now ${JSON.stringify(after?.[name])}`,
  );
