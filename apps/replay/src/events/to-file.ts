import type { Progress } from '../cli/progress.js';
import type { Log } from '../log/log.js';
import type { Selection } from '../log/selection.js';
import { placeAt } from '../cli/moment.js';
import type { Encoder } from './encoder.js';
import { toParquet, type ParquetColumns } from './parquet.js';
import { Unfinished, type Progressed } from './unfinished.js';

/** Written at once. */
const CHUNK = 1 << 20;
/** Events between two places where a killed export is gone on with: less than a second's reading. */
const KEEP_EVERY = 10_000;

export interface FileRequest {
  readonly file: string;
  /** Tells this export from others that may have been left in its place. */
  readonly request: string;
  readonly selection: Selection;
  readonly encoder: Encoder;
  /** For a Parquet file: what its columns are. Its lines are JSON until the last is there. */
  readonly parquet?: ParquetColumns | undefined;
  /** Forgets what is there. */
  readonly fresh: boolean;
}

export interface Exported {
  readonly file: string;
  readonly events: number;
  /** Of the log, up to which the file tells all that was selected. */
  readonly to: string | undefined;
  /** Of these events, how many an export before had written already. */
  readonly resumed: number;
}

/**
 * Writes the selected events to a file. Killed at any moment and called again, it goes on where it was, and the file is
 * the same, byte by byte: it ends where the log ended at the first call.
 * @throws Refused, EventStoreUnavailable, UnknownEvent; what is written stays for the next call
 */
export async function exportToFile(
  log: Log,
  { file, request, selection, encoder, parquet, fresh }: FileRequest,
  shown: Progress,
): Promise<Exported> {
  const unfinished = await Unfinished.open(file, request, fresh);
  const { before } = unfinished;
  try {
    const end = before === undefined ? await log.endOf(selection) : placeAt(before.to);
    const to = end?.commit.toString() ?? '0';
    let progressed: Progressed = before ?? { request, to, bytes: 0, events: 0 };
    let kept = progressed.events;
    let pending = before === undefined ? encoder.head : '';
    const flush = async () => {
      const bytes = Buffer.from(pending);
      pending = '';
      await unfinished.write(bytes, progressed.bytes);
      progressed = { ...progressed, bytes: progressed.bytes + bytes.length };
    };
    const after = before?.at === undefined ? selection.after : placeAt(before.at);
    const stretches = end === undefined ? [] : log.stretches({ ...selection, after, to: end }, shown);
    for await (const { events, at } of stretches) {
      pending += encoder.encode(events);
      progressed = { ...progressed, at: at.commit.toString(), events: progressed.events + events.length };
      if (pending.length >= CHUNK) await flush();
      if (progressed.events - kept < KEEP_EVERY) continue;
      await flush();
      await unfinished.keep(progressed);
      kept = progressed.events;
    }
    await flush();
    await unfinished.keep(progressed);
    shown.end();
    const made = parquet && (await toParquet(unfinished.path, parquet));
    await unfinished.finish(made);
    const { events } = progressed;
    return { file, events, to: end?.commit.toString(), resumed: before?.events ?? 0 };
  } catch (error) {
    await unfinished.leave();
    throw error;
  }
}
