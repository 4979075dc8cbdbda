import type { RawEvent } from '#libs/event-store/read-only';
import type { UnreadableEvents } from '../log/log-reader.js';
import { encodeCsvCell, type CsvOptions } from '../output/csv.js';
import { COLUMNS, RAW_COLUMNS, type DecodedEvent } from './event-columns.js';
import { createPseudonymizer, PSEUDONYM_KEY } from './pseudonyms.js';

export interface EncodingOptions {
  readonly format: 'jsonl' | 'csv';
  /** Encodes events as they are stored, not in their current version. */
  readonly raw: boolean;
  readonly pseudonyms: boolean;
  /** Disarms texts in CSV that a spreadsheet would take for formulas. */
  readonly csvSafe?: boolean;
}

/** Encodes events as lines of text. */
export interface EventEncoder {
  /** Precedes the first event. */
  readonly header: string;
  /** @returns the lines, and the number of events in them: unreadable events are left out */
  readonly encode: (events: readonly RawEvent[]) => { readonly text: string; readonly events: number };
}

/** @throws CliError if pseudonyms are wanted and the environment has no key for them */
export function createEncoder(
  { format, raw, pseudonyms, csvSafe = false }: EncodingOptions,
  env: NodeJS.ProcessEnv,
  unreadable: UnreadableEvents,
): EventEncoder {
  const csv = { safe: csvSafe };
  const { header, encode } = (raw ? RAW_FORMATS : FORMATS)[format];
  const disguise = pseudonyms ? createPseudonymizer(env[PSEUDONYM_KEY]) : (event: DecodedEvent) => event;
  // A raw event is not decoded, so its type need not be known.
  const decode = raw
    ? (rawEvent: RawEvent) => ({ raw: rawEvent }) as DecodedEvent
    : (rawEvent: RawEvent): DecodedEvent | undefined => {
        const event = unreadable.decode(rawEvent)?.event;
        return event && { raw: rawEvent, event };
      };
  return {
    header,
    encode(batch) {
      let text = '';
      let events = 0;
      for (const one of batch) {
        const decoded = decode(one);
        if (decoded === undefined) continue;
        text += encode(disguise(decoded), csv);
        events += 1;
      }
      return { text, events };
    },
  };
}

interface LineFormat {
  readonly header: string;
  readonly encode: (event: DecodedEvent, csv: CsvOptions) => string;
}

/** Text that precedes each value in a line of JSON, built once because exports have millions of lines. */
const JSON_KEYS = COLUMNS.map(({ name, extract }, index) => ({
  key: `${index === 0 ? '{' : ','}"${name}":`,
  extract,
}));

function encodeJson(event: DecodedEvent): string {
  let line = '';
  for (const { key, extract } of JSON_KEYS) {
    const value = extract(event);
    if (value !== undefined)
      line += key + (typeof value === 'string' ? JSON.stringify(value) : String(value));
  }
  return `${line}}\n`;
}

function encodeCsv(event: DecodedEvent, csv: CsvOptions): string {
  let line = '';
  for (const { extract } of COLUMNS) line += `${line === '' ? '' : ','}${encodeCsvCell(extract(event), csv)}`;
  return `${line}\n`;
}

const envelopeOf = ({ position, id, type, accountId, revision, created }: RawEvent) =>
  [String(position.commit), id, type, accountId, String(revision), created.toISOString()] as const;

/** `data` and `metadata` are exactly what the event store holds. */
function encodeRawJson({ raw }: DecodedEvent): string {
  const [position, id, type, account, revision, at] = envelopeOf(raw);
  const { data, metadata } = raw;
  return `{"position":${position},"id":"${id}","type":${JSON.stringify(type)},"account_id":${JSON.stringify(account)},"revision":${revision},"recorded_at":"${at}","data":${JSON.stringify(data)},"metadata":${JSON.stringify(metadata ?? null)}}\n`;
}

const encodeRawCsv = ({ raw }: DecodedEvent, csv: CsvOptions): string =>
  `${[...envelopeOf(raw), JSON.stringify(raw.data), JSON.stringify(raw.metadata ?? null)].map((cell) => encodeCsvCell(cell, csv)).join(',')}\n`;

const FORMATS: Readonly<Record<'jsonl' | 'csv', LineFormat>> = {
  jsonl: { header: '', encode: encodeJson },
  csv: { header: `${COLUMNS.map(({ name }) => name).join(',')}\n`, encode: encodeCsv },
};

const RAW_FORMATS: typeof FORMATS = {
  jsonl: { header: '', encode: encodeRawJson },
  csv: { header: `${RAW_COLUMNS.map(([name]) => name).join(',')}\n`, encode: encodeRawCsv },
};
