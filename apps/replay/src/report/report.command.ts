import { writeFile } from 'node:fs/promises';
import { formatExamples, writeToStdout, type Command } from '#libs/cli';
import { TOOL } from '../config.js';
import { showLogProgress, type LogReader } from '../log/log-reader.js';
import { addSelectionOptions, toSelection, type SelectionOptions } from '../log/selection.js';
import { Database, DEFAULT_MEMORY } from '../sql/database.js';
import { queryFigures } from './queries.js';
import { renderReport } from './report-page.js';

interface Options extends SelectionOptions {
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
  addSelectionOptions(command)
    .addHelpText('after', formatExamples(TOOL, 'report --out report.html', 'report --json'))
    .action((options: Options) => writeReport(log, options));
}

async function writeReport(log: LogReader, options: Options): Promise<void> {
  const progress = showLogProgress('reading');
  const database = await Database.open(DEFAULT_MEMORY);
  try {
    const batches = log.readBatches(toSelection(options), progress);
    await database.insert(batches, log.unreadable).finally(() => progress.stop());
    const figures = await queryFigures(database);
    const output = options.json ? `${JSON.stringify(figures)}\n` : renderReport(figures);
    if (options.out === undefined) await writeToStdout(output);
    else await writeFile(options.out, output);
  } finally {
    database.close();
  }
}
