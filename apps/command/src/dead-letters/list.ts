import type { DeadLetterBox } from './dead-letter-box.js';
import { originText } from './dead-letter.js';
import { printable } from './printable.js';
import type { Selection } from './selection.js';

const COLUMNS = ['place', 'when', 'message', 'ce_type', 'ce_id', 'reason', 're-driven'] as const;

/** One line a dead letter, without its value: that may be personal. */
export async function list(
  box: DeadLetterBox,
  selection: Selection,
  asJson: boolean,
  print: (text: string) => void,
): Promise<void> {
  const rows: string[][] = [];
  const items: object[] = [];
  await box.read(selection, ({ letter, redrivenAt }) => {
    const { place, at, origin, type, id, reason } = letter;
    items.push({ place, at, message: origin, type, id, reason, redrivenAt });
    const cells = [place, at, origin && originText(origin), type, id, reason, redrivenAt];
    rows.push(cells.map((cell) => printable(cell ?? '-')));
  });
  if (asJson) return print(JSON.stringify(items, null, 2));
  if (rows.length === 0) return print('no dead letters');
  for (const line of table([[...COLUMNS], ...rows])) print(line);
  print(`${rows.length} dead letter${rows.length === 1 ? '' : 's'}`);
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
