import { createHash } from 'node:crypto';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

export const NOTEBOOK_FILE = 'docs/notebooks/invitations.ipynb';

/** A notebook of Jupyter, as far as this one uses the format (nbformat 4.5). */
export interface Notebook {
  readonly cells: Cell[];
  readonly metadata: object;
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

export interface Cell {
  readonly id: string;
  readonly cell_type: 'markdown' | 'code';
  readonly source: readonly string[];
  readonly metadata: { drawn_from?: string };
  execution_count?: number | null;
  outputs?: readonly Output[];
}

export type Output =
  | { readonly output_type: 'stream'; readonly name: 'stdout'; readonly text: readonly string[] }
  | {
      readonly output_type: 'display_data';
      readonly data: { readonly 'image/png': string; readonly 'text/plain': readonly string[] };
      readonly metadata: object;
    };

export type Value = string | number | null;
export interface Answer {
  readonly names: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

export const codeCells = ({ cells }: Notebook): Cell[] =>
  cells.filter(({ cell_type: type }) => type === 'code');
export const sourceOf = ({ source }: Cell): string => source.join('');
export const printedBy = ({ outputs = [] }: Cell): string =>
  outputs.flatMap((output) => (output.output_type === 'stream' ? output.text : [])).join('');
export const chartsOf = ({ outputs = [] }: Cell): Buffer[] =>
  outputs.flatMap((output) =>
    output.output_type === 'display_data' ? [Buffer.from(output.data['image/png'], 'base64')] : [],
  );

/** The queries that a cell asks: the texts in `ask("""…""")`. */
export const questionsOf = (cell: Cell): string[] =>
  [...sourceOf(cell).matchAll(/\bask\("""(.*?)"""\)/gs)].map(([, sql]) => sql!);
/** The statements that a cell executes without an answer. */
export const statementsOf = (cell: Cell): string[] =>
  [...sourceOf(cell).matchAll(/\bdb\.execute\("""(.*?)"""\)/gs)].map(([, sql]) => sql!);

/** A hash of what a chart is drawn from: the code and the rows. It shows that a kept chart is out of date. */
export const drawnFrom = (cell: Cell): string =>
  createHash('sha256')
    .update(sourceOf(cell) + printedBy(cell))
    .digest('hex')
    .slice(0, 16);

/** Formats an answer as the function `ask` of the notebook prints it. */
export function toPrinted({ names, rows }: Answer): string {
  const isNumeric = names.map((_, column) => rows.every((row) => typeof row[column] !== 'string'));
  const cells = rows.map((row) => row.map((value) => (value === null ? '' : String(value))));
  const widths = names.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]!.length)),
  );
  const toLine = (line: readonly string[]) =>
    line
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return [names, widths.map((width) => '-'.repeat(width)), ...cells]
    .map((line) => `${toLine(line)}\n`)
    .join('');
}

/** The engine of the notebook, for files in a folder. */
export class NotebookEngine {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly folder: string,
  ) {}

  static async open(folder: string): Promise<NotebookEngine> {
    const instance = await DuckDBInstance.create(':memory:');
    return new NotebookEngine(instance, await instance.connect(), folder);
  }

  /** Answers a query of the notebook, whose files are named as seen from the folder. */
  async ask(sql: string): Promise<Answer> {
    const located = sql.replaceAll(/'(?=events\/|invitations\.parquet)/g, `'${this.folder}/`);
    const read = await this.connection.runAndReadAll(located);
    const rows = read.getRowsJson().map((row) => row.map((value) => toValue(value, sql)));
    return { names: read.columnNames(), rows };
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/** DuckDB gives 64-bit integers as text. Other types would look different in Python. */
function toValue(value: unknown, sql: string): Value {
  if (value === null || typeof value === 'number') return value;
  if (typeof value !== 'string')
    throw new Error(`not a text or a number: ${JSON.stringify(value)} in ${sql}`);
  return /^-?\d+$/.test(value) ? Number(value) : value;
}
