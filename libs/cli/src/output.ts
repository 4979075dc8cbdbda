import { once } from 'node:events';

/** Prints a line on standard output. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Prints a line on standard error, where it does not mix with the result. */
export const printToStderr = (line: string): void => void process.stderr.write(`${line}\n`);

/** Writes a part of a large text to standard output. Resolves when there is room for the next part. */
export async function writeToStdout(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  // `runTool` handles an error of the output.
  await once(process.stdout, 'drain').catch(() => undefined);
}

/**
 * Formats rows as lines, with each column as wide as its widest cell.
 * @param align `right` for columns of numbers: all but the first are then aligned to the right
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  align: 'left' | 'right' = 'left',
): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        align === 'right' && column > 0 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Escapes characters that could move a terminal's cursor or hide text: other services and members wrote this text. */
export function escapeControlCharacters(text: string, keepNewlines = false): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) =>
    keepNewlines && character === '\n'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Quotes a text as JSON if it contains a blank or a control character, so that one value is seen as one. */
export const quoteIfNeeded = (text: string): string =>
  /[\s\p{C}]/u.test(text) ? JSON.stringify(text) : text;

/** Decodes bytes as UTF-8, or shows them as hexadecimal digits if they are not UTF-8. */
export function decodeOrHex(bytes: Uint8Array): { readonly text: string } | { readonly hex: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { hex: Buffer.from(bytes).toString('hex') };
  }
}
