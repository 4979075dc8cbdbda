import type { JsonValue, Result } from './result.js';

export type Format = 'table' | 'json' | 'csv';

/** More than a person reads; a table must know all of its rows to know how wide it is. */
const ROWS_OF_A_TABLE = 1_000;

/** A result as text, in pieces. */
export function formatted(result: Result, format: Format): AsyncIterable<string> {
  return FORMATS[format](result);
}

async function* asTable(result: Result): AsyncGenerator<string, void, void> {
  const rows: string[][] = [];
  let more = 0;
  for await (const row of result.rows()) {
    if (rows.length < ROWS_OF_A_TABLE)
      rows.push(row.map((value) => textOf(value).replaceAll(/[\n\r\t]/g, ' ')));
    else more += 1;
  }
  const widths = result.columns.map((name, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]!.length), name.length),
  );
  const line = (cells: readonly string[]) =>
    `${cells
      .map((cell, column) =>
        result.isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd()}\n`;
  yield line(result.columns);
  yield line(widths.map((width) => '-'.repeat(width)));
  for (const row of rows) yield line(row);
  if (more > 0) yield `and ${more} more rows: --csv or --json gives all\n`;
}

async function* asJson(result: Result): AsyncGenerator<string, void, void> {
  let before = '[';
  for await (const row of result.rows()) {
    const named = Object.fromEntries(row.map((value, column) => [result.columns[column]!, value]));
    yield `${before}\n${JSON.stringify(named)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

async function* asCsv(result: Result): AsyncGenerator<string, void, void> {
  const line = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\n`;
  yield line(result.columns);
  for await (const row of result.rows()) yield line(row.map(textOf));
}

const textOf = (value: JsonValue): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const FORMATS = { table: asTable, json: asJson, csv: asCsv };

/** RFC 4180. */
const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
