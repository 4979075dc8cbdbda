import { appendFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError } from '#libs/cli';
import { syncDirectory, syncFile } from '../output/atomic-file.js';
import { STAGING, type ExportSchema } from './export-position.js';
import { ParquetConverter, type ParquetColumns } from './parquet-converter.js';

/** Characters that are collected before they are written. */
const BUFFER_SIZE = 8 << 20;
/** Positions in names have this many digits, so that names sort like positions. */
const POSITION_DIGITS = 20;

export interface DayFilesOptions {
  readonly directory: string;
  readonly format: 'jsonl' | 'csv' | 'parquet';
  /** Precedes the first event of a file. */
  readonly header: string;
  readonly columns: ParquetColumns;
  readonly schema: ExportSchema;
}

interface Day {
  buffer: string;
  events: number;
  readonly first: bigint;
  last: bigint;
}

/**
 * The events of one commit, in a file for each day. The files are written to a directory of their own, and moved to
 * `day=<day>/` after the commit: nobody sees a file that is not complete, and no file changes afterwards.
 */
export class DayFiles {
  private readonly days = new Map<string, Day>();
  private buffered = 0;
  events = 0;

  constructor(private readonly options: DayFilesOptions) {}

  /** @param day as in `2026-11-30` */
  async add(day: string, text: string, position: bigint): Promise<void> {
    let file = this.days.get(day);
    if (file === undefined) {
      file = { buffer: this.options.header, events: 0, first: position, last: position };
      this.days.set(day, file);
    }
    file.buffer += text;
    file.events += 1;
    file.last = position;
    this.events += 1;
    this.buffered += text.length;
    if (this.buffered >= BUFFER_SIZE) await this.flush();
  }

  /** Completes the files and makes them survive a power failure. @returns their paths below the directory */
  async complete(): Promise<string[]> {
    await this.flush();
    const converter = this.options.format === 'parquet' ? await ParquetConverter.open() : undefined;
    try {
      const files: string[] = [];
      for (const [day, { first, last, events }] of [...this.days].toSorted()) {
        const name = `events-${digits(first)}-${digits(last)}.${this.options.format}`;
        const file = join(`day=${day}`, name);
        const staged = stagedPath(this.options.directory, file);
        const lines = this.linesOf(day);
        if (converter === undefined) await rename(lines, staged);
        else {
          const metadata = { ...metadataOf(this.options.schema), day, events: String(events) };
          await converter.convert(lines, staged, this.options.columns, metadata);
          await rm(lines);
        }
        await syncFile(staged);
        files.push(file);
      }
      await syncDirectory(join(this.options.directory, STAGING));
      return files;
    } finally {
      converter?.close();
    }
  }

  private async flush(): Promise<void> {
    for (const [day, file] of this.days) {
      if (file.buffer === '') continue;
      await appendFile(this.linesOf(day), file.buffer);
      file.buffer = '';
    }
    this.buffered = 0;
  }

  private linesOf(day: string): string {
    return join(this.options.directory, STAGING, `${day}.lines`);
  }
}

/** Moves the files of a commit to their places, except those that are there already. */
export async function publishFiles(directory: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const staged = stagedPath(directory, file);
    const target = join(directory, file);
    if (existsSync(staged)) {
      await mkdir(dirname(target), { recursive: true });
      await rename(staged, target);
    } else if (!existsSync(target)) {
      throw new CliError(`${target} is missing: the directory was changed. Export to a new directory.`);
    }
  }
  for (const day of new Set(files.map((file) => dirname(join(directory, file))))) await syncDirectory(day);
  await syncDirectory(directory);
}

/** Removes what a killed export had written but not committed. */
export async function clearStaging(directory: string): Promise<void> {
  const staging = join(directory, STAGING);
  for (const name of await readdir(staging)) await rm(join(staging, name), { recursive: true });
}

/** The ending keeps programs that look for files of the format from reading it. */
const stagedPath = (directory: string, file: string): string =>
  join(directory, STAGING, `${file.replaceAll('/', '.')}.tmp`);

const digits = (position: bigint): string => String(position).padStart(POSITION_DIGITS, '0');

const metadataOf = ({ version, eventVersions }: ExportSchema): Record<string, string> => ({
  schema_version: version,
  event_versions: JSON.stringify(eventVersions),
});
