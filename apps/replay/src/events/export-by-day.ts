import { createHmac } from 'node:crypto';
import { extname, resolve } from 'node:path';
import { print, printToStderr, UsageError } from '#libs/cli';
import { showLogProgress, UnreadableEvents, type LogReader } from '../log/log-reader.js';
import { toSelection, type SelectionOptions } from '../log/selection.js';
import { createEncoder } from './event-encoder.js';
import type { ExportPosition } from './export-position.js';
import { columnsOf, schemaOf } from './export-schema.js';
import { followLog, untilStopped } from './follow-log.js';
import { PartitionedExport } from './partitioned-export.js';
import { PSEUDONYM_KEY } from './pseudonyms.js';

export const DEFAULT_EVERY = 'PT15M';
const DEFAULT_EVERY_MS = 15 * 60_000;
const MIN_EVERY_MS = 1_000;
export const DEFAULT_ROLL = 1_000_000;

export interface DayExportOptions {
  readonly out: string;
  readonly format: 'jsonl' | 'csv' | 'parquet';
  readonly raw: boolean;
  readonly pseudonyms: boolean;
  readonly csvSafe: boolean;
  readonly follow: boolean;
  readonly every?: number | undefined;
  readonly roll?: number | undefined;
  readonly skipUnreadable: boolean;
  readonly json: boolean;
  readonly selected: SelectionOptions;
}

/** Exports events to a directory with a folder for each day, once or until the process is stopped. */
export async function exportByDay(log: LogReader, options: DayExportOptions): Promise<void> {
  const { out, format, raw, pseudonyms, csvSafe, skipUnreadable, follow, selected } = options;
  if (['.parquet', '.csv', '.jsonl'].includes(extname(out)))
    throw new UsageError(`${out} is the name of a file: --partition-by writes a directory`);
  if (follow && (selected.to ?? selected.until) !== undefined)
    throw new UsageError('--follow has no end: no --to and no --until');
  const everyMs = options.every ?? DEFAULT_EVERY_MS;
  if (!follow && options.every !== undefined) throw new UsageError('--every needs --follow');
  if (everyMs < MIN_EVERY_MS) throw new UsageError('--every is at least PT1S');
  const directory = resolve(out);
  const unreadable = skipUnreadable ? log.unreadable : new UnreadableEvents();
  const encoding = { format: format === 'parquet' ? 'jsonl' : format, raw, pseudonyms, csvSafe } as const;
  const encoder = createEncoder(encoding, process.env, unreadable);
  const key = (pseudonyms && process.env[PSEUDONYM_KEY]) || '';
  const partitioned = await PartitionedExport.open({
    directory,
    format,
    header: encoder.header,
    columns: columnsOf(raw),
    schema: schemaOf(raw),
    options: toStoredOptions(options, key),
    selection: toSelection(selected),
    encoder,
    unreadable,
    skipUnreadable,
    anchorKey: key,
    eventsPerCommit: options.roll ?? DEFAULT_ROLL,
    onCommit: reportCommit,
  });
  const { events, files } = partitioned.position;
  const progress = showLogProgress('reading');
  try {
    await untilStopped((signal) =>
      follow
        ? followLog(log, partitioned, everyMs, progress, signal)
        : partitioned.catchUp(log, progress, signal),
    );
  } finally {
    progress.stop();
    partitioned.close();
  }
  const { position, ...total } = partitioned.position;
  const added = { events: total.events - events, files: total.files - files };
  print(
    options.json
      ? JSON.stringify({ directory, ...added, position })
      : `${describe(added)} in ${directory}, which is complete up to ${describePosition(position)}`,
  );
}

/** The options that decide what a file contains. The end of a run is not one of them. */
function toStoredOptions(
  { format, raw, pseudonyms, csvSafe, skipUnreadable, selected }: DayExportOptions,
  key: string,
): Record<string, unknown> {
  const { to: _end, after, type, ...others } = selected;
  const stored = {
    partitionBy: 'day',
    format,
    raw,
    csvSafe,
    skipUnreadable,
    ...others,
    type: type?.toSorted(),
    after: after?.commit.toString(),
    // Pseudonyms of another key would not match those in the files.
    pseudonyms: pseudonyms && createHmac('sha256', key).update('export').digest('hex').slice(0, 16),
  };
  return JSON.parse(JSON.stringify(stored)) as Record<string, unknown>;
}

function reportCommit({ position }: ExportPosition, added: { events: number; files: number }): void {
  if (added.events === 0) return;
  printToStderr(`replay: ${describe(added)}; complete up to ${describePosition(position)}`);
}

const describe = ({ events, files }: { events: number; files: number }): string =>
  `${events} new event${events === 1 ? '' : 's'} in ${files} new file${files === 1 ? '' : 's'}`;

const describePosition = (position: string | null): string =>
  position === null ? 'the start of the log, which has no events' : `position ${position} of the log`;
