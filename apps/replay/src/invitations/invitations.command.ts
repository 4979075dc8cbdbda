import { formatExamples, Option, UsageError, writeToStdout, type Command } from '#libs/cli';
import { TOOL } from '../config.js';
import type { LogReader } from '../log/log-reader.js';
import { CSV_SAFE_HELP } from '../output/csv.js';
import { addDatabaseOptions, openLogDatabase, type LogDatabaseOptions } from '../sql/log-database.js';
import { ResultFile } from '../sql/result-file.js';
import { formatResult } from '../sql/result-formats.js';

interface Options extends LogDatabaseOptions {
  readonly out?: string;
  readonly format?: 'jsonl' | 'csv';
  readonly csvSafe?: boolean;
  readonly fresh?: boolean;
}

const QUERY = 'FROM invitations ORDER BY position';

export function addInvitationsCommand(program: Command, log: LogReader): void {
  const command = program
    .command('invitations')
    .description(
      'Exports one row for each invitation, folded from its events: the table invitations of the command sql.',
    )
    .option('--out <file>', 'write to a .parquet, .csv or .jsonl file instead of standard output')
    .addOption(
      new Option('--format <format>', 'the format on standard output (default: jsonl)').choices([
        'jsonl',
        'csv',
      ]),
    )
    .option('--csv-safe', CSV_SAFE_HELP)
    .option('--no-csv-safe', 'CSV with all texts as they are')
    .option('--fresh', 'overwrite the file');
  addDatabaseOptions(command)
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'invitations --out invitations.parquet',
        'invitations --pseudonyms --out shared.csv',
        'invitations --account amal --format csv',
      ),
    )
    .action((options: Options) => exportInvitations(log, options));
}

async function exportInvitations(
  log: LogReader,
  { out, format, csvSafe, fresh = false, ...selected }: Options,
): Promise<void> {
  if (out !== undefined && format !== undefined)
    throw new UsageError('the ending of the --out file says the format: no --format');
  const file = out === undefined ? undefined : new ResultFile(out, { csvSafe: csvSafe ?? true, fresh });
  const database = await openLogDatabase(log, selected, { output: file?.output });
  try {
    if (file !== undefined) return await file.write(database, QUERY);
    for await (const result of database.query(QUERY))
      for await (const part of formatResult(result, format ?? 'jsonl', csvSafe)) await writeToStdout(part);
  } finally {
    database.close();
  }
}
