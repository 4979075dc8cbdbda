import {
  DuckDBTimestampValue,
  JsonDuckDBValueConverter,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** A value as JSON has it: an instant as events have it, a count as a number. */
export type JsonValue = null | boolean | number | string | readonly unknown[] | object;

/** The rows that a statement gives, a chunk at a time. */
export class Result {
  readonly columns: readonly string[];
  private readonly types: readonly DuckDBType[];

  constructor(private readonly result: DuckDBResult) {
    this.columns = result.deduplicatedColumnNames();
    this.types = result.columnTypes();
  }

  /** Numbers, to stand at the right. */
  isNumber(column: number): boolean {
    return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(String(this.types[column]));
  }

  async *rows(): AsyncGenerator<readonly JsonValue[], void, void> {
    for (;;) {
      const chunk = await this.result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      for (const row of chunk.getRows()) yield row.map((value, column) => jsonOf(value, this.types[column]!));
    }
  }
}

const MICROS = 1_000n;

function jsonOf(value: DuckDBValue, type: DuckDBType): JsonValue {
  if (value instanceof DuckDBTimestampValue) return new Date(Number(value.micros / MICROS)).toISOString();
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value === null || typeof value !== 'object') return value;
  const json = JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter) as JsonValue;
  return String(type).startsWith('DECIMAL') ? Number(json) : json;
}
