import type { RecordedEvent } from '#libs/event-store/reading';
import { COLUMNS, type ReadEvent } from './columns.js';

/** How an event becomes a line of a file. */
export interface Encoding {
  /** Before the first event. */
  readonly head: string;
  readonly encode: (read: ReadEvent) => string;
}

/** In today's form, for one line of JSON an event. */
const KEYS = COLUMNS.map(({ name, of }, index) => ({ key: `${index === 0 ? '{' : ','}"${name}":`, of }));

function asJson(read: ReadEvent): string {
  let line = '';
  for (const { key, of } of KEYS) {
    const value = of(read);
    if (value !== undefined)
      line += key + (typeof value === 'string' ? JSON.stringify(value) : String(value));
  }
  return `${line}}\n`;
}

function asCsv(read: ReadEvent): string {
  let line = '';
  for (const { of } of COLUMNS) line += `${line === '' ? '' : ','}${cell(of(read))}`;
  return `${line}\n`;
}

/** RFC 4180, but for the ends of lines. */
function cell(value: string | number | bigint | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const RAW_COLUMNS = [
  ['position', 'UBIGINT'],
  ['id', 'VARCHAR'],
  ['type', 'VARCHAR'],
  ['account_id', 'VARCHAR'],
  ['revision', 'UBIGINT'],
  ['recorded_at', 'TIMESTAMP'],
  ['data', 'JSON'],
  ['metadata', 'JSON'],
] as const;

const placeOf = ({ position, id, type, accountId, revision, created }: RecordedEvent) =>
  [String(position.commit), id, type, accountId, String(revision), created.toISOString()] as const;

/** As stored: `data` and `metadata` are what the event store has. */
function asRawJson({ recorded }: ReadEvent): string {
  const [position, id, type, account, revision, at] = placeOf(recorded);
  const { data, metadata } = recorded;
  return `{"position":${position},"id":"${id}","type":${JSON.stringify(type)},"account_id":${JSON.stringify(account)},"revision":${revision},"recorded_at":"${at}","data":${JSON.stringify(data)},"metadata":${JSON.stringify(metadata ?? null)}}\n`;
}

const asRawCsv = ({ recorded }: ReadEvent): string =>
  `${[...placeOf(recorded), JSON.stringify(recorded.data), JSON.stringify(recorded.metadata ?? null)].map(cell).join(',')}\n`;

export const LINES: Readonly<Record<'jsonl' | 'csv', Encoding>> = {
  jsonl: { head: '', encode: asJson },
  csv: { head: `${COLUMNS.map(({ name }) => name).join(',')}\n`, encode: asCsv },
};

export const RAW_LINES: typeof LINES = {
  jsonl: { head: '', encode: asRawJson },
  csv: { head: `${RAW_COLUMNS.map(([name]) => name).join(',')}\n`, encode: asRawCsv },
};
