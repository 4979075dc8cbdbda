import { text } from 'node:stream/consumers';
import { collect, formatExamples, UsageError, writeToStdout, type Command } from '#libs/cli';
import { TOOL } from '../config.js';
import type { LogReader } from '../log/log-reader.js';
import { CSV_SAFE_HELP } from '../output/csv.js';
import { addDatabaseOptions, openLogDatabase, type LogDatabaseOptions } from './log-database.js';
import { parseOwnTable, type OwnTable } from './own-tables.js';
import { runRepl } from './repl.js';
import { formatResult, type ResultFormat } from './result-formats.js';
import { ResultFile } from './result-file.js';

interface Options extends LogDatabaseOptions {
  readonly json?: true;
  readonly csv?: true;
  readonly csvSafe?: boolean;
  readonly out?: string;
  readonly fresh?: boolean;
  readonly table?: readonly OwnTable[];
}

export function addSqlCommand(program: Command, log: LogReader): void {
  const command = program
    .command('sql')
    .description(
      'Answers SQL queries (DuckDB) over events, invitations and period. Without an argument, it reads the queries from ' +
        'standard input; on a terminal, it answers each statement as it is entered.',
    )
    .argument('[query]')
    .option('--json', 'as JSON, an array of rows for each query')
    .option('--csv', 'as CSV')
    .option('--out <file>', 'write the result of the last statement to a .parquet, .csv or .jsonl file')
    .option('--csv-safe', CSV_SAFE_HELP)
    .option('--no-csv-safe', 'CSV with all texts as they are')
    .option('--fresh', 'overwrite the file')
    .option(
      '--table <name=file>',
      'a table of your own from a .csv or .parquet file; repeat it for several',
      collect(parseOwnTable),
    );
  addDatabaseOptions(command)
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'sql "SELECT type, count(*) FROM events GROUP BY type"',
        'sql "SELECT status, count(*) FROM invitations GROUP BY status" --json',
        'sql "FROM invitations WHERE status = \'accepted\'" --out accepted.parquet --cache ~/.cache/invitations',
        'sql "SELECT plan, count(*) FROM invitations JOIN plans ON inviter_id = member GROUP BY plan" --table plans=plans.csv',
        'sql "DESCRIBE invitations"',
        'sql < questions.sql',
      ),
    )
    .action((query: string | undefined, options: Options) => answerQueries(log, query, options));
}

async function answerQueries(log: LogReader, query: string | undefined, options: Options): Promise<void> {
  const { json, csv, csvSafe, out, fresh = false, table: tables = [], ...selected } = options;
  if (json && csv) throw new UsageError('--json or --csv, not both');
  if (out !== undefined && (json || csv))
    throw new UsageError('the ending of the --out file says the format: no --json or --csv');
  const format: ResultFormat = json ? 'json' : csv ? 'csv' : 'table';
  const file = out === undefined ? undefined : new ResultFile(out, { csvSafe: csvSafe ?? true, fresh });
  const isInteractive = query === undefined && process.stdin.isTTY && file === undefined;
  const sql = isInteractive ? undefined : (query ?? (await text(process.stdin)));
  if (sql?.trim() === '') {
    throw new UsageError('there is no query: give SQL as one argument in quotes, or on standard input');
  }
  const database = await openLogDatabase(log, selected, { tables, output: file?.output, sql });
  try {
    if (sql === undefined) {
      await runRepl(database, { input: process.stdin, output: process.stdout, terminal: true }, format);
    } else if (file !== undefined) await file.write(database, sql);
    else {
      let separator = '';
      for await (const result of database.query(sql)) {
        await writeToStdout(separator);
        for await (const part of formatResult(result, format, csvSafe)) await writeToStdout(part);
        separator = '\n';
      }
    }
  } finally {
    database.close();
  }
}
