import { createWriteStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { resolve } from 'node:path';
import { CliError, UsageError } from '#libs/cli';
import { partOf, writeAtomically } from '../output/atomic-file.js';
import { formatOfFile } from '../output/file-format.js';
import type { Database } from './database.js';
import { formatResult } from './result-formats.js';

const FILE_FORMATS = ['parquet', 'csv', 'jsonl'] as const;

/** A file for the result of a query. Its ending says the format. */
export class ResultFile {
  /** The file that the database must be allowed to write. */
  readonly output: string;
  private readonly file: string;
  private readonly format: (typeof FILE_FORMATS)[number];

  /** @throws UsageError, CliError if the file exists */
  constructor(
    file: string,
    private readonly options: { readonly csvSafe: boolean; readonly fresh: boolean },
  ) {
    this.format = formatOfFile(file, FILE_FORMATS);
    this.file = resolve(file);
    this.output = partOf(this.file);
    if (!options.fresh && existsSync(this.file)) throw new CliError(`${file} exists: --fresh overwrites it`);
  }

  /** Runs the statements, and writes the result of the last one. */
  async write(database: Database, sql: string): Promise<void> {
    await writeAtomically(this.file, async (path) => {
      let statements = 0;
      for await (const { result, isLast } of database.queryEach(sql)) {
        statements += 1;
        if (!isLast) await result.drain();
        else if (this.format === 'parquet') await database.writeParquet(result);
        else
          await pipeline(
            Readable.from(formatResult(result, this.format, this.options.csvSafe)),
            createWriteStream(path),
          );
      }
      if (statements === 0) throw new UsageError('there is no statement whose result could be written');
    });
  }
}
