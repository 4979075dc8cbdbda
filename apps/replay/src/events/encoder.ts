import { decoded } from '#libs/event-store/reading';
import type { RecordedEvent } from '#libs/event-store/reading';
import { LINES, RAW_LINES, type Encoding } from './encodings.js';
import type { ReadEvent } from './columns.js';
import { PSEUDONYM_KEY, pseudonyms } from './pseudonyms.js';

/** In which form events are told. */
export interface Form {
  readonly format: 'jsonl' | 'csv';
  /** As stored, not in today's form. */
  readonly raw: boolean;
  readonly pseudonyms: boolean;
}

export interface Encoder {
  readonly head: string;
  /** @throws UnknownEvent for what only a newer version can bring to today's form */
  readonly encode: (events: readonly RecordedEvent[]) => string;
}

/** @throws Refused without a key for pseudonyms */
export function encoderOf({ format, raw, pseudonyms: wanted }: Form, env: NodeJS.ProcessEnv): Encoder {
  const { head, encode }: Encoding = (raw ? RAW_LINES : LINES)[format];
  const disguise = wanted ? pseudonyms(env[PSEUDONYM_KEY]) : (read: ReadEvent) => read;
  // What is told as it is stored need not be known.
  const read = raw
    ? (recorded: RecordedEvent) => ({ recorded }) as ReadEvent
    : (recorded: RecordedEvent): ReadEvent => ({ recorded, event: decoded(recorded).event });
  return {
    head,
    encode(events) {
      let text = '';
      for (const recorded of events) text += encode(disguise(read(recorded)));
      return text;
    },
  };
}
