import { writeFile } from 'node:fs/promises';
import { formatExamples, UsageError, writeToStdout, type Command } from '#libs/cli';
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
      'Writes a report week by week: the funnel, cohorts, the times to answer, the network, the effect of reminders, and ' +
        'restrictions. One self-contained HTML page with charts and their queries.',
    )
    .option(
      '--out <file>',
      'write the page to an .html file, or with --json to a .json file, instead of standard output',
    )
    .option('--json', 'the figures as JSON instead of the page');
  addDatabaseOptions(command)
    .addHelpText('after', formatExamples(TOOL, 'report --out report.html', 'report --json'))
    .action((options: Options) => writeReport(log, options));
}

async function writeReport(log: LogReader, options: Options): Promise<void> {
  const { out, json, ...selected } = options;
  assertSensible(selected);
  if (out !== undefined) formatOfFile(out, [json ? 'json' : 'html']);
  // Every query of the report orders its rows itself.
  const database = await openLogDatabase(log, selected, { keepsOrder: false });
  try {
    const figures = await queryFigures(database);
    const output = json ? `${JSON.stringify(figures)}\n` : renderReport(figures, describeFilters(selected));
    if (out === undefined) await writeToStdout(output);
    else await writeFile(out, output);
  } finally {
    database.close();
  }
}

/** @throws UsageError for filters without which the figures would not mean what the page says */
function assertSensible({ type, invitation, since, until }: LogDatabaseOptions): void {
  if (type !== undefined) throw new UsageError('a report needs all types of events: no --type');
  if (invitation !== undefined)
    throw new UsageError('a report is not about one invitation: use events --invitation');
  if (since !== undefined && until !== undefined && since >= until)
    throw new UsageError('--until must be later than --since');
}

/** Describes the filters in words. A page with pseudonyms does not name a member. */
function describeFilters(options: LogDatabaseOptions): string[] {
  const { account, member, since, until, after, to, pseudonyms } = options;
  const name = (id: string) => (pseudonyms ? '' : ` ${id}`);
  return [
    ...(account === undefined ? [] : [`what the owner of one account${name(account)} did as an inviter`]),
    ...(member === undefined ? [] : [`events in which one member${name(member)} takes part`]),
    ...(since === undefined ? [] : [`from ${since} on`]),
    ...(until === undefined ? [] : [`before ${until}`]),
    ...(after === undefined ? [] : [`after position ${after.commit} of the log`]),
    ...(to === undefined ? [] : [`up to position ${to.commit} of the log`]),
    ...(pseudonyms ? ['members have pseudonyms'] : []),
  ];
}
