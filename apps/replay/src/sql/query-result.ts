import {
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  JsonDuckDBValueConverter,
  type DuckDBDataChunk,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBValueConverter,
} from '@duckdb/node-api';

const MICROS_PER_MS = 1_000n;

/** A value in JSON: an instant is ISO 8601 text as in events, a count is a number. */
export type JsonValue = null | boolean | number | string | readonly unknown[] | object;

/** The rows of one statement, which are fetched while they are read. */
export class QueryResult {
  readonly columns: readonly string[];
  private readonly types: readonly DuckDBType[];

  constructor(private readonly result: DuckDBResult) {
    this.columns = result.deduplicatedColumnNames();
    this.types = result.columnTypes();
  }

  isNumeric(column: number): boolean {
    return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(String(this.types[column]));
  }

  /** The columns with their types, as a CREATE TABLE has them. */
  get columnsSql(): string {
    return this.columns
      .map((name, column) => `"${name.replaceAll('"', '""')}" ${String(this.types[column])}`)
      .join(', ');
  }

  async *chunks(): AsyncGenerator<DuckDBDataChunk, void, void> {
    for (;;) {
      const chunk = await this.result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  /** Runs the statement to its end. */
  async drain(): Promise<void> {
    for (let chunk = await this.result.fetchChunk(); chunk !== null && chunk.rowCount > 0;) {
      chunk = await this.result.fetchChunk();
    }
  }

  async *rows(): AsyncGenerator<readonly JsonValue[], void, void> {
    for await (const chunk of this.chunks())
      for (const row of chunk.getRows())
        yield row.map((value, column) => toJsonValue(value, this.types[column]!));
  }
}

/** Nested values are converted by the same rules. */
const convertNested: DuckDBValueConverter<JsonValue> = (value, type) => toJsonValue(value, type);

/** An instant is in UTC, which a Z at its end says. A wall clock is without, because it is that of any time zone. */
function toJsonValue(value: DuckDBValue, type: DuckDBType): JsonValue {
  if (value instanceof DuckDBTimestampTZValue) return toIsoText(value.micros, 'Z') ?? String(value);
  if (value instanceof DuckDBTimestampValue) return toIsoText(value.micros, '') ?? String(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value === null || typeof value !== 'object') return value;
  const json = JsonDuckDBValueConverter(value, type, convertNested as never) as JsonValue;
  return String(type).startsWith('DECIMAL') ? Number(json) : json;
}

/** @returns undefined for infinity and for years that ISO 8601 cannot express */
function toIsoText(micros: bigint, zone: string): string | undefined {
  const date = new Date(Number(micros / MICROS_PER_MS));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('Z', zone);
}
