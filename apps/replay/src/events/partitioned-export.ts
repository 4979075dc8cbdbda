import { isDeepStrictEqual } from 'node:util';
import { createHmac } from 'node:crypto';
import { CliError } from '#libs/cli';
import { EventStoreUnavailableError, type RawEvent } from '#libs/event-store/read-only';
import type { LogProgress, LogReader, UnreadableEvents } from '../log/log-reader.js';
import { toPosition } from '../log/point-in-time.js';
import { createFilter, dayOf, type Selection } from '../log/selection.js';
import { clearStaging, DayFiles, publishFiles, type DayFilesOptions } from './day-files.js';
import { DirectoryLock } from './directory-lock.js';
import type { EventEncoder } from './event-encoder.js';
import {
  openExportDirectory,
  readExportState,
  writeExportState,
  type ExportPosition,
  type ExportState,
} from './export-position.js';

export interface PartitionedExportRequest extends DayFilesOptions {
  /** What the content of the files depends on, as the position file shows it. Values that JSON has. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly selection: Selection;
  readonly encoder: EventEncoder;
  /** The events that the encoder left out. */
  readonly unreadable: UnreadableEvents;
  /** Leaves events out that this version cannot read, instead of stopping before the first one. */
  readonly skipUnreadable: boolean;
  /** Makes ids of events in the position file as secret as those in the files. */
  readonly anchorKey: string;
  /** A commit has at most about this many events. */
  readonly eventsPerCommit: number;
  readonly onCommit: (committed: ExportPosition, added: { events: number; files: number }) => void;
}

const START: ExportPosition = { position: null, anchor: null, events: 0, files: 0 };

/** An event that this version cannot read. Its message says at which position it is. */
class UnreadableEventError extends CliError {}

/**
 * Exports the log to a directory with a folder for each day, and continues where an earlier run ended. Every event is in
 * exactly one file, whenever a process is killed.
 */
export class PartitionedExport {
  private constructor(
    private readonly request: PartitionedExportRequest,
    private readonly lock: DirectoryLock,
    private state: ExportState,
  ) {}

  /** @throws CliError if the directory is not that of this export, or if another process exports to it */
  static async open(request: PartitionedExportRequest): Promise<PartitionedExport> {
    const { directory, options, schema } = request;
    await openExportDirectory(directory);
    const lock = await DirectoryLock.acquire(directory);
    try {
      const found = await readExportState(directory);
      if (found !== undefined && !isDeepStrictEqual(found.options, options)) {
        throw new CliError(
          `${directory} holds an export with other options, ${JSON.stringify(found.options)}: repeat them, or give a new directory`,
        );
      }
      let state: ExportState = found ?? { ...START, options, schemas: [] };
      if (state.pending !== undefined) state = await publishPending(directory, state);

      if (state.schemas.at(-1)?.version !== schema.version) {
        state = { ...state, schemas: [...state.schemas, { ...schema, after: state.position }] };
        await writeExportState(directory, state);
      }
      return new PartitionedExport(request, lock, state);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get position(): ExportPosition {
    const { position, anchor, events, files } = this.state;
    return { position, anchor, events, files };
  }

  /**
   * Exports what the log has now. After an abort, it commits what it has read and returns.
   * @throws CliError if the log is not the one that was exported, or has an event that this version cannot read
   * @throws EventStoreUnavailableError after what was read is committed
   */
  async catchUp(log: LogReader, progress: LogProgress, signal: AbortSignal): Promise<void> {
    await this.assertSameLog(log);
    const { directory, selection, eventsPerCommit } = this.request;
    await clearStaging(directory);
    // The conditions are checked here, because the position must be that of the last event read, selected or not.
    const { account, to } = selection;
    const after = this.state.position === null ? selection.after : toPosition(this.state.position);
    const isSelected = createFilter(selection) ?? (() => true);
    let files = new DayFiles(this.request);
    let last: RawEvent | undefined;
    let failure: unknown;
    try {
      for await (const { events } of log.readRanges({ account, after, to }, progress)) {
        for (const event of events) {
          if (isSelected(event)) await this.add(files, event);
          last = event;
        }
        if (files.events >= eventsPerCommit) {
          progress.stop();
          await this.commit(files, last!);
          [files, last] = [new DayFiles(this.request), undefined];
        }
        if (signal.aborted) break;
      }
    } catch (error) {
      if (!(error instanceof EventStoreUnavailableError || error instanceof UnreadableEventError))
        throw error;
      failure = error;
    }
    progress.stop();
    if (last !== undefined) await this.commit(files, last);
    if (failure !== undefined) throw failure;
  }

  close(): void {
    this.lock.release();
  }

  private async add(files: DayFiles, event: RawEvent): Promise<void> {
    const { encoder, unreadable, skipUnreadable } = this.request;
    const { text, events } = encoder.encode([event]);
    if (events > 0) return files.add(dayOf(event), text, event.position.commit);
    if (skipUnreadable) return;
    throw new UnreadableEventError(
      `this version cannot read an event, ${unreadable.named.at(-1)}; the export ends before it: run a version that can, or give --skip-unreadable to leave such events out`,
    );
  }

  /**
   * Nothing is visible before the position file says so, and what it says is never taken back: completed files, the position
   * file with the commit as pending, the files moved to their places, the position file without it.
   */
  private async commit(files: DayFiles, last: RawEvent): Promise<void> {
    const { directory, onCommit } = this.request;
    const paths = files.events === 0 ? [] : await files.complete();
    const to: ExportPosition = {
      position: String(last.position.commit),
      anchor: this.anchorOf(last.id),
      events: this.state.events + files.events,
      files: this.state.files + paths.length,
    };
    const pending: ExportState = { ...this.state, pending: { to, files: paths } };
    if (paths.length > 0) await writeExportState(directory, pending);
    this.state = await publishPending(directory, pending);
    onCommit(to, { events: files.events, files: paths.length });
  }

  /** A log that was restored to an earlier state lacks the event at the position, or has another one there. */
  private async assertSameLog(log: LogReader): Promise<void> {
    const { position, anchor } = this.state;
    if (position === null) return;
    const there = await log.readAt(toPosition(position));
    if (there?.id !== undefined && this.anchorOf(there.id) === anchor) return;
    const end = (await log.readEnd())?.commit;
    const what =
      end === undefined || end < BigInt(position)
        ? `the log ends at position ${end ?? 0n}, before position ${position}, up to which ${this.request.directory} is complete`
        : `at position ${position}, the log does not have the event that ${this.request.directory} was exported up to`;
    throw new CliError(
      `${what}: the event store was restored to an earlier state or is another one. Nothing was exported. Export to a new directory, and load it in place of this one.`,
    );
  }

  private anchorOf(eventId: string): string {
    return createHmac('sha256', this.request.anchorKey).update(eventId).digest('hex').slice(0, 32);
  }
}

/** Finishes a commit whose files are complete. */
async function publishPending(directory: string, state: ExportState): Promise<ExportState> {
  const { pending, ...others } = state;
  await publishFiles(directory, pending!.files);
  const published: ExportState = { ...others, ...pending!.to };
  await writeExportState(directory, published);
  return published;
}
