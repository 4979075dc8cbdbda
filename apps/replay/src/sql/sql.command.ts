import { text } from 'node:stream/consumers';
import { formatExamples, InvalidArgumentError, UsageError, writeToStdout, type Command } from '#libs/cli';
import { TOOL } from '../config.js';
import { showLogProgress, type LogReader } from '../log/log-reader.js';
import { addSelectionOptions, toSelection, type SelectionOptions } from '../log/selection.js';
import { Database, DEFAULT_MEMORY, type JsonValue, type QueryResult } from './database.js';

interface Options extends SelectionOptions {
  readonly json?: true;
  readonly csv?: true;
  readonly memory?: string;
}

export function addSqlCommand(program: Command, log: LogReader): void {
  const command = program
    .command('sql')
    .description(
      'Answers SQL queries (DuckDB) over the tables events and invitations. Without an argument, it reads the queries ' +
        'from standard input.',
    )
    .argument('[query]')
    .option('--json', 'as JSON, an array of rows for each query')
    .option('--csv', 'as CSV')
    .option('--memory <size>', `memory limit of the tables (default: ${DEFAULT_MEMORY})`, parseSize);
  addSelectionOptions(command)
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'sql "SELECT type, count(*) FROM events GROUP BY type"',
        'sql "SELECT status, count(*) FROM invitations GROUP BY status" --json',
        'sql "DESCRIBE invitations"',
        'sql < questions.sql',
      ),
    )
    .action((query: string | undefined, options: Options) => answerQueries(log, query, options));
}

async function answerQueries(log: LogReader, query: string | undefined, options: Options): Promise<void> {
  if (options.json && options.csv) throw new UsageError('--json or --csv, not both');
  const format: ResultFormat = options.json ? 'json' : options.csv ? 'csv' : 'table';
  const sql = query ?? (await text(process.stdin));
  const progress = showLogProgress('reading');
  const database = await Database.open(options.memory ?? DEFAULT_MEMORY);
  try {
    const batches = log.readBatches(toSelection(options), progress);
    await database.insert(batches, log.unreadable).finally(() => progress.stop());
    let separator = '';
    for await (const result of database.query(sql)) {
      await writeToStdout(separator);
      for await (const part of formatResult(result, format)) await writeToStdout(part);
      separator = '\n';
    }
  } finally {
    database.close();
  }
}

function parseSize(size: string): string {
  if (/^\d+(MB|GB)$/.test(size)) return size;
  throw new InvalidArgumentError('A size is 512MB, or 4GB.');
}

export type ResultFormat = 'table' | 'json' | 'csv';

/** A table shows no more rows than a person reads. It must hold all of them, to know the widths of the columns. */
const MAX_TABLE_ROWS = 1_000;

/** Formats a result as text, in parts. */
export const formatResult = (result: QueryResult, format: ResultFormat): AsyncIterable<string> =>
  RESULT_FORMATS[format](result);

async function* toTable(result: QueryResult): AsyncGenerator<string, void, void> {
  const rows: string[][] = [];
  let more = 0;
  for await (const row of result.rows()) {
    if (rows.length < MAX_TABLE_ROWS)
      rows.push(row.map((value) => toCell(value).replaceAll(/[\n\r\t]/g, ' ')));
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
    const named = Object.fromEntries(row.map((value, column) => [result.columns[column]!, value]));
    yield `${separator}\n${JSON.stringify(named)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]\n' : '\n]\n';
}

async function* toCsv(result: QueryResult): AsyncGenerator<string, void, void> {
  const toLine = (cells: readonly string[]) => `${cells.map(quoteCell).join(',')}\n`;
  yield toLine(result.columns);
  for await (const row of result.rows()) yield toLine(row.map(toCell));
}

const toCell = (value: JsonValue): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** As RFC 4180 has it. */
const quoteCell = (cell: string): string =>
  /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

const RESULT_FORMATS = { table: toTable, json: toJson, csv: toCsv };
