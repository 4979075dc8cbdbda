import { resolve } from 'node:path';
import { formatExamples, Option, parseInteger, UsageError, writeToStdout, type Command } from '#libs/cli';
import { TOOL } from '../config.js';
import { parseDuration } from '../log/duration.js';
import { showLogProgress, type LogProgress, type LogReader } from '../log/log-reader.js';
import { addSelectionOptions, toSelection, type Selection, type SelectionOptions } from '../log/selection.js';
import { CSV_SAFE_HELP } from '../output/csv.js';
import { formatOfFile } from '../output/file-format.js';
import { createEncoder, type EventEncoder } from './event-encoder.js';
import { DEFAULT_EVERY, DEFAULT_ROLL, exportByDay } from './export-by-day.js';
import { columnsOf } from './export-schema.js';
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
  readonly partitionBy?: 'day';
  readonly follow?: boolean;
  readonly every?: number;
  readonly roll?: number;
  readonly skipUnreadable?: boolean;
}

export function addEventsCommand(program: Command, log: LogReader): void {
  const command = program
    .command('events')
    .description(
      'Exports the events of accounts, in the order of the log, as lines of JSON, as CSV or as Parquet. To resume an ' +
        'interrupted export to a file, give the same command again: the file becomes the same, byte for byte. With ' +
        '--partition-by day, exports to a directory with a folder for each day (day=2026-11-30/…), and the same command ' +
        'adds the new events; with --follow, it goes on doing so until SIGTERM.',
    )
    .option(
      '--out <file>',
      'write to a file, or with --partition-by to a directory, instead of standard output',
    )
    .addOption(
      new Option(
        '--format <format>',
        'the default is that of the ending of the file, jsonl on standard output, and parquet in a directory',
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
    .option('--json', 'print the summary of an export to a file or a directory as JSON')
    .addOption(
      new Option(
        '--partition-by <unit>',
        'export to a directory with a folder for each day in UTC on which something happened',
      ).choices(['day']),
    )
    .option('--follow', 'with --partition-by: add new events until the process is stopped')
    .option(
      '--every <duration>',
      `with --follow: how often, hence the age at which an event is exported at the latest (default: ${DEFAULT_EVERY})`,
      parseDuration,
    )
    .option(
      '--roll <events>',
      `with --partition-by: write files at the latest after about this many events (default: ${DEFAULT_ROLL})`,
      parseInteger(1),
    )
    .option(
      '--skip-unreadable',
      'with --partition-by: leave out events that this version cannot read, instead of stopping before the first one',
    );
  addSelectionOptions(command)
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'events --type InvitationSent,InvitationAccepted --since 2026-03-01',
        'events --out events.parquet',
        'events --follow --partition-by day --out events --every PT5M',
        `events --pseudonyms --out shared.csv     (with a secret in ${PSEUDONYM_KEY})`,
      ),
    )
    .action((options: Options) => exportEvents(log, options));
}

async function exportEvents(log: LogReader, options: Options): Promise<void> {
  const { partitionBy, follow = false, every, roll, skipUnreadable = false, ...exported } = options;
  if (partitionBy !== undefined) {
    const { out, format = 'parquet', fresh, ...others } = exported;
    if (out === undefined) throw new UsageError('--partition-by needs a directory: --out <directory>');
    if (fresh) throw new UsageError('--fresh does not delete a directory: delete it, or give a new one');
    const { raw = false, pseudonyms = false, csvSafe: givenSafe = true, json = false, ...selected } = others;
    const csvSafe = format === 'csv' && givenSafe;
    const encoding = { format, raw, pseudonyms, csvSafe };
    if (raw || pseudonyms) log.texts.leaveEncrypted();
    return exportByDay(log, { out, ...encoding, json, follow, every, roll, skipUnreadable, selected });
  }
  if (follow || skipUnreadable || every !== undefined || roll !== undefined)
    throw new UsageError('--follow, --every, --roll and --skip-unreadable need --partition-by day');
  return exportOnce(log, exported);
}

type OnceOptions = Omit<Options, 'partitionBy' | 'follow' | 'every' | 'roll' | 'skipUnreadable'>;

async function exportOnce(log: LogReader, options: OnceOptions): Promise<void> {
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
  if (raw || pseudonyms) log.texts.leaveEncrypted();
  const progress = showLogProgress('reading');
  try {
    if (out === undefined) return await exportToStdout(log, selection, encoder, progress);
    const result = await exportToFile(
      log,
      {
        file: resolve(out),
        fingerprint: fingerprintOf({ format, raw, pseudonyms, csvSafe, ...toJsonOptions(selected) }),
        selection,
        encoder,
        parquet: format === 'parquet' ? columnsOf(raw) : undefined,
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
