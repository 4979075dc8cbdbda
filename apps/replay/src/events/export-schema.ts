import { createHash } from 'node:crypto';
import { currentVersion, STORED_TYPES } from '#libs/invitation';
import { COLUMNS, RAW_COLUMNS } from './event-columns.js';
import type { ExportSchema } from './export-position.js';
import type { ParquetColumns } from './parquet-converter.js';

/** The columns of exported events, with their DuckDB types. */
export const columnsOf = (raw: boolean): ParquetColumns =>
  raw ? RAW_COLUMNS : COLUMNS.map(({ name, type }) => [name, type] as const);

/** @returns the schema of the events that this version of replay exports */
export function schemaOf(raw: boolean): ExportSchema {
  const eventVersions = raw
    ? {}
    : Object.fromEntries(STORED_TYPES.map((type) => [type, currentVersion(type)]));
  const content = JSON.stringify([columnsOf(raw), Object.entries(eventVersions).toSorted()]);
  return { version: createHash('sha256').update(content).digest('hex').slice(0, 12), eventVersions };
}
