/** Formats a table as prettier does, so that the plain file is readable and formatting changes nothing. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = row(widths.map((width) => '-'.repeat(width)));
  const [head, ...body] = lines.map(row);
  return [head, rule, ...body].join('\n');
}
