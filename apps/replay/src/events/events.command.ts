import { resolve } from 'node:path';
import { formatExamples, Option, UsageError, writeToStdout, type Command } from '#libs/cli';
import { TOOL } from '../config.js';
import { showLogProgress, type LogProgress, type LogReader } from '../log/log-reader.js';
import { addSelectionOptions, toSelection, type Selection, type SelectionOptions } from '../log/selection.js';
import { CSV_SAFE_HELP } from '../output/csv.js';
import { formatOfFile } from '../output/file-format.js';
import { COLUMNS, RAW_COLUMNS } from './event-columns.js';
import { createEncoder, type EventEncoder } from './event-encoder.js';
import { PSEUDONYM_KEY } from './pseudonyms.js';
import { exportToFile, fingerprintOf, type ExportResult } from './resumable-export.js';

const FORMATS = ['jsonl', 'csv', 'parquet'] as const;
type Format = (typeof FORMATS)[number];

interface Options extends SelectionOptions {
  readonly out?: string;
  readonly format?: Format;
  readonly raw?: boolean;
  readonly pseudonyms?: boolean;
  readonly csvSafe?: boolean;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

export function addEventsCommand(program: Command, log: LogReader): void {
  const command = program
    .command('events')
    .description(
      'Exports the events of accounts, in the order of the log, as lines of JSON, as CSV or as Parquet. To resume an ' +
        'interrupted export to a file, give the same command again: the file becomes the same, byte for byte.',
    )
    .option('--out <file>', 'write to a file instead of standard output')
    .addOption(
      new Option(
        '--format <format>',
        'the default is that of the ending of the file, and jsonl on standard output',
      ).choices(FORMATS),
    )
    .option('--raw', 'events as they are stored, not in their current version')
    .option(
      '--pseudonyms',
      `replace ids of members, invitations and commands by keyed hashes, and omit texts; the key is in ${PSEUDONYM_KEY}`,
    )
    .option('--csv-safe', CSV_SAFE_HELP)
    .option('--no-csv-safe', 'CSV with all texts as they are')
    .option('--fresh', 'overwrite the file, and discard an interrupted export')
    .option('--json', 'print the summary of an export to a file as JSON');
  addSelectionOptions(command)
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'events --type InvitationSent,InvitationAccepted --since 2026-03-01',
        'events --out events.parquet',
        `events --pseudonyms --out shared.csv     (with a secret in ${PSEUDONYM_KEY})`,
      ),
    )
    .action((options: Options) => exportEvents(log, options));
}

async function exportEvents(log: LogReader, options: Options): Promise<void> {
  const {
    out,
    format: given,
    raw = false,
    pseudonyms = false,
    csvSafe: givenSafe,
    fresh = false,
    json = false,
    ...selected
  } = options;
  const format = chooseFormat(given, out);
  const csvSafe = format === 'csv' && (givenSafe ?? out !== undefined);
  const encoder = createEncoder(
    { format: format === 'parquet' ? 'jsonl' : format, raw, pseudonyms, csvSafe },
    process.env,
    log.unreadable,
  );
  const selection = toSelection(selected);
  const progress = showLogProgress('reading');
  try {
    if (out === undefined) return await exportToStdout(log, selection, encoder, progress);
    const columns = raw ? RAW_COLUMNS : COLUMNS.map(({ name, type }) => [name, type] as const);
    const result = await exportToFile(
      log,
      {
        file: resolve(out),
        fingerprint: fingerprintOf({ format, raw, pseudonyms, csvSafe, ...toJsonOptions(selected) }),
        selection,
        encoder,
        parquet: format === 'parquet' ? columns : undefined,
        fresh,
      },
      progress,
    );
    progress.stop();
    process.stdout.write(`${json ? JSON.stringify(result) : describeExport(result)}\n`);
  } finally {
    progress.stop();
  }
}

/** Reads no faster than the reader of standard output. */
async function exportToStdout(
  log: LogReader,
  selection: Selection,
  { header, encode }: EventEncoder,
  progress: LogProgress,
): Promise<void> {
  await writeToStdout(header);
  for await (const events of log.readBatches(selection, progress)) await writeToStdout(encode(events).text);
}

function chooseFormat(format: Format | undefined, out: string | undefined): Format {
  const chosen = format ?? (out === undefined ? 'jsonl' : formatOfFile(out, FORMATS));
  if (chosen === 'parquet' && out === undefined) throw new UsageError('Parquet needs a file: --out <file>');
  return chosen;
}

/** JSON has no 64-bit integers, so positions become text. */
const toJsonOptions = ({ after, to, ...others }: SelectionOptions) => ({
  ...others,
  after: after?.commit.toString(),
  to: to?.commit.toString(),
});

const describeExport = ({ file, events, to, resumed }: ExportResult): string =>
  `${events} events in ${file}, up to position ${to ?? 'none, for the log is empty'} of the log` +
  (resumed === 0 ? '' : `; ${resumed} of them had been written before`);
