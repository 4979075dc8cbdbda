import { encodeCsvCell } from '../output/csv.js';
import type { JsonValue, QueryResult } from './query-result.js';

export type ResultFormat = 'table' | 'json' | 'jsonl' | 'csv';

/** A table shows no more rows than a person reads. It must hold all of them, to know the widths of the columns. */
const MAX_TABLE_ROWS = 1_000;

/**
 * Formats a result as text, in parts.
 * @param csvSafe disarms texts in CSV that a spreadsheet would take for formulas
 */
export const formatResult = (
  result: QueryResult,
  format: ResultFormat,
  csvSafe = false,
): AsyncIterable<string> => RESULT_FORMATS[format](result, csvSafe);

async function* toTable(result: QueryResult): AsyncGenerator<string, void, void> {
  const rows: string[][] = [];
  let more = 0;
  for await (const row of result.rows()) {
    if (rows.length < MAX_TABLE_ROWS)
      rows.push(row.map((value) => String(toCell(value)).replaceAll(/[\n\r\t]/g, ' ')));
    else more += 1;
  }
  const widths = result.columns.map((name, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]!.length), name.length),
  );
  const toLine = (cells: readonly string[]) =>
    `${cells
      .map((cell, column) =>
        result.isNumeric(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd()}\n`;
  yield toLine(result.columns);
  yield toLine(widths.map((width) => '-'.repeat(width)));
  for (const row of rows) yield toLine(row);
  if (more > 0) yield `and ${more} more rows: --csv or --json gives all\n`;
}

async function* toJson(result: QueryResult): AsyncGenerator<string, void, void> {
  let separator = '[';
  for await (const row of result.rows()) {
    yield `${separator}\n${toJsonObject(result, row)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]\n' : '\n]\n';
}

async function* toJsonLines(result: QueryResult): AsyncGenerator<string, void, void> {
  for await (const row of result.rows()) yield `${toJsonObject(result, row)}\n`;
}

const toJsonObject = (result: QueryResult, row: readonly JsonValue[]): string =>
  JSON.stringify(Object.fromEntries(row.map((value, column) => [result.columns[column]!, value])));

async function* toCsv(result: QueryResult, csvSafe: boolean): AsyncGenerator<string, void, void> {
  const toLine = (cells: readonly (string | number)[]) =>
    `${cells.map((cell) => encodeCsvCell(cell, { safe: csvSafe })).join(',')}\n`;
  yield toLine(result.columns);
  for await (const row of result.rows()) yield toLine(row.map(toCell));
}

const toCell = (value: JsonValue): string | number => {
  if (value === null) return '';
  if (typeof value === 'number') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const RESULT_FORMATS = { table: toTable, json: toJson, jsonl: toJsonLines, csv: toCsv };
