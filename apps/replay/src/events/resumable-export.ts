import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { CliError } from '#libs/cli';
import type { LogProgress, LogReader } from '../log/log-reader.js';
import { toPosition } from '../log/point-in-time.js';
import type { Selection } from '../log/selection.js';
import type { EventEncoder } from './event-encoder.js';
import { ParquetConverter, type ParquetColumns } from './parquet-converter.js';

/** Characters that are collected before they are written. */
const BUFFER_SIZE = 1 << 20;
/** Events between two saved states, which a killed export loses at most: less than a second of reading. */
const SAVE_EVERY = 10_000;

export interface ExportRequest {
  readonly file: string;
  /** Distinguishes this export from another one that was interrupted and left its files here. */
  readonly fingerprint: string;
  readonly selection: Selection;
  readonly encoder: EventEncoder;
  /** The columns of a Parquet file. The export writes lines of JSON first and converts them at the end. */
  readonly parquet?: ParquetColumns | undefined;
  /** Discards an existing file and an interrupted export. */
  readonly fresh: boolean;
}

export interface ExportResult {
  readonly file: string;
  readonly events: number;
  /** The position up to which the file holds all selected events. */
  readonly to: string | undefined;
  /** The number of events that an interrupted export had already written. */
  readonly resumed: number;
}

/**
 * Writes the selected events to a file. If it is killed and called again, it resumes and produces the same file, byte for
 * byte, which ends where the log ended at the first call.
 * @throws CliError, EventStoreUnavailableError; the next call resumes from what was written
 */
export async function exportToFile(
  log: LogReader,
  { file, fingerprint, selection, encoder, parquet, fresh }: ExportRequest,
  progress: LogProgress,
): Promise<ExportResult> {
  const part = await PartialFile.open(file, fingerprint, fresh);
  const { resumedFrom } = part;
  try {
    const end = resumedFrom === undefined ? await log.readEndOf(selection) : toPosition(resumedFrom.to);
    const to = end?.commit.toString() ?? '0';
    let state: ExportState = resumedFrom ?? { request: fingerprint, to, bytes: 0, events: 0 };
    let savedEvents = state.events;
    let buffer = resumedFrom === undefined ? encoder.header : '';
    const flush = async () => {
      const bytes = Buffer.from(buffer);
      buffer = '';
      await part.write(bytes, state.bytes);
      state = { ...state, bytes: state.bytes + bytes.length };
    };
    const after = resumedFrom?.at === undefined ? selection.after : toPosition(resumedFrom.at);
    const ranges = end === undefined ? [] : log.readRanges({ ...selection, after, to: end }, progress);
    for await (const { events, at } of ranges) {
      const encoded = encoder.encode(events);
      buffer += encoded.text;
      state = { ...state, at: at.commit.toString(), events: state.events + encoded.events };
      if (buffer.length >= BUFFER_SIZE) await flush();
      if (state.events - savedEvents < SAVE_EVERY) continue;
      await flush();
      await part.saveState(state);
      savedEvents = state.events;
    }
    await flush();
    await part.saveState(state);
    progress.stop();
    const converted = parquet && (await convertToParquet(part.path, parquet));
    await part.finish(converted);
    const { events } = state;
    return { file, events, to: end?.commit.toString(), resumed: resumedFrom?.events ?? 0 };
  } catch (error) {
    await part.close();
    throw error;
  }
}

/** The state of an unfinished export, stored as JSON. Positions are text, because they are 64-bit integers. */
interface ExportState {
  /** The fingerprint of the request. */
  readonly request: string;
  /** The position at which the export ends, even if the log has grown since. */
  readonly to: string;
  /** All selected events up to this position are in the file; undefined before the first range. */
  readonly at?: string;
  readonly bytes: number;
  readonly events: number;
}

/** @returns a short hash of the options of an export */
export const fingerprintOf = (options: unknown): string =>
  createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 16);

/**
 * The file of an unfinished export. Lines go to `<file>.part`; the state goes to `<file>.progress` once the lines are on the
 * disk. Lines that a killed process wrote after its last saved state are cut off when the export resumes.
 */
class PartialFile {
  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    /** The state of the interrupted export that this one resumes. */
    readonly resumedFrom: ExportState | undefined,
  ) {}

  /** @throws CliError if the file exists or the files of another export are there, unless `fresh` is set */
  static async open(file: string, fingerprint: string, fresh: boolean): Promise<PartialFile> {
    const state = fresh ? undefined : await readState(file);
    if (!fresh && existsSync(file)) throw new CliError(`${file} exists: --fresh overwrites it`);
    if (state !== undefined && state.request !== fingerprint) {
      throw new CliError(
        `another export to ${file} is not finished: --fresh discards it and starts this one`,
      );
    }
    const isResumed = state !== undefined && existsSync(partPathOf(file));
    const handle = await open(partPathOf(file), isResumed ? 'r+' : 'w');
    if (isResumed) await handle.truncate(state.bytes);
    return new PartialFile(file, handle, isResumed ? state : undefined);
  }

  get path(): string {
    return partPathOf(this.file);
  }

  async write(bytes: Buffer, at: number): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, from, bytes.length - from, at + from);
      from += bytesWritten;
    }
  }

  /** Makes everything written so far survive a kill. */
  async saveState(state: ExportState): Promise<void> {
    await this.handle.datasync();
    const temporary = `${statePathOf(this.file)}.tmp`;
    await writeFile(temporary, JSON.stringify(state));
    await rename(temporary, statePathOf(this.file));
  }

  /** @param converted the path of the file to keep, if it is not the lines themselves */
  async finish(converted?: string): Promise<void> {
    await this.handle.datasync();
    await this.handle.close();
    await rename(converted ?? this.path, this.file);
    await rm(statePathOf(this.file), { force: true });
    await rm(this.path, { force: true });
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }
}

const partPathOf = (file: string) => `${file}.part`;
const statePathOf = (file: string) => `${file}.progress`;

async function readState(file: string): Promise<ExportState | undefined> {
  try {
    return JSON.parse(await readFile(statePathOf(file), 'utf8')) as ExportState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Converts lines of JSON to a Parquet file beside them.
 * @returns its path
 */
async function convertToParquet(lines: string, columns: ParquetColumns): Promise<string> {
  const converted = `${lines}.parquet`;
  const converter = await ParquetConverter.open();
  try {
    await converter.convert(lines, converted, columns);
  } finally {
    converter.close();
  }
  return converted;
}
