import { writeFile } from 'node:fs/promises';
import { formatExamples, writeToStdout, type Command } from '#libs/cli';
import { TOOL } from '../config.js';
import type { LogReader } from '../log/log-reader.js';
import { formatOfFile } from '../output/file-format.js';
import { addDatabaseOptions, openLogDatabase, type LogDatabaseOptions } from '../sql/log-database.js';
import { queryFigures } from './queries.js';
import { renderReport } from './report-page.js';

interface Options extends LogDatabaseOptions {
  readonly out?: string;
  readonly json?: true;
}

export function addReportCommand(program: Command, log: LogReader): void {
  const command = program
    .command('report')
    .description(
      'Writes a report on the funnel, the times to answer, the effect of reminders, and restrictions: one ' +
        'self-contained HTML page with charts.',
    )
    .option('--out <file>', 'write the page to a file instead of standard output')
    .option('--json', 'the figures as JSON instead of the page');
  addDatabaseOptions(command)
    .addHelpText('after', formatExamples(TOOL, 'report --out report.html', 'report --json'))
    .action((options: Options) => writeReport(log, options));
}

async function writeReport(log: LogReader, options: Options): Promise<void> {
  const { out, json, ...selected } = options;
  if (out !== undefined) formatOfFile(out, [json ? 'json' : 'html']);
  const database = await openLogDatabase(log, selected);
  try {
    await database.materializeInvitations();
    const figures = await queryFigures(database);
    const output = json ? `${JSON.stringify(figures)}\n` : renderReport(figures);
    if (out === undefined) await writeToStdout(output);
    else await writeFile(out, output);
  } finally {
    database.close();
  }
}
