import { extname } from 'node:path';
import { UsageError } from '#libs/cli';

/**
 * @returns the format that the ending of a file's name stands for
 * @throws UsageError for any other ending, because a program that expects another format could not read the file
 */
export function formatOfFile<Format extends string>(file: string, formats: readonly Format[]): Format {
  const extension = extname(file).slice(1).toLowerCase();
  const format = formats.find((known) => known === extension);
  if (format !== undefined) return format;
  const endings = formats.map((known) => `.${known}`).join(', ');
  throw new UsageError(`${file} ends in none of ${endings}, the formats that can be written`);
}
