/** A text that a spreadsheet would evaluate: `=HYPERLINK(…)`, for example. */
const FORMULA = /^[=+\-@\t\r]/;

export interface CsvOptions {
  /** Puts an apostrophe before texts that a spreadsheet would take for a formula. */
  readonly safe: boolean;
}

/** Formats a cell as RFC 4180 has it. Numbers are never taken for formulas. */
export function encodeCsvCell(
  value: string | number | bigint | null | undefined,
  { safe }: CsvOptions,
): string {
  if (value === undefined || value === null) return '';
  const text = safe && typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const CSV_SAFE_HELP =
  'put an apostrophe before texts that a spreadsheet would take for a formula; the default in .csv files';
