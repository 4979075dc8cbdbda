import { createProgressBar } from '#libs/cli';
import {
  connectEventStore,
  decodeEvent,
  isAfter,
  closeEventStore,
  readAll,
  readLogTail,
  readLogRange,
  readAccountStream,
  toUnavailableError,
  UnknownEventError,
  type EventStoreDBClient,
  type LogPosition,
  type StoredEvent,
  type RawEvent,
} from '#libs/event-store/read-only';
import { loadConfig } from '#libs/platform';
import { ReplayConfig } from '../config.js';
import { createFilter, type Selection } from './selection.js';
import { LogTexts } from './log-texts.js';

/** The methods of the client that replay needs. The client can also append; this type cannot. */
type ReadOnlyClient = Pick<EventStoreDBClient, 'readAll' | 'readStream' | 'dispose'>;

/** Limits the time that the event store may take to report the end of its log. */
const END_TIMEOUT_MS = 10_000;

/** Reads the event store's log. Connects at the first read, so `--help` needs no server. */
export class LogReader {
  /** The events that this version could not decode, of all that were read. */
  readonly unreadable = new UnreadableEvents();
  /** The texts of members that could not be decrypted, of all that were read. */
  readonly texts = new LogTexts();
  private client: ReadOnlyClient | undefined;

  /**
   * @returns the position of the last event, or undefined if the log is empty
   * @throws EventStoreUnavailableError
   */
  async readEnd(): Promise<LogPosition | undefined> {
    const client = this.connect();
    try {
      return (await readLogTail(client, [], undefined, AbortSignal.timeout(END_TIMEOUT_MS))).head;
    } catch (error) {
      throw toUnavailableError(error);
    }
  }

  /** @returns the position at which the selection ends, which is never beyond the present end of the log */
  async readEndOf({ to }: Selection): Promise<LogPosition | undefined> {
    const end = await this.readEnd();
    return to !== undefined && end !== undefined && isAfter(end, to) ? to : end;
  }

  /**
   * Reads the selected events in the order of the log, in batches that are never empty, up to the end that the log has now.
   * @throws EventStoreUnavailableError
   */
  async *readBatches(
    selection: Selection = {},
    progress?: LogProgress,
  ): AsyncGenerator<readonly RawEvent[], void, void> {
    for await (const { events } of this.readRanges(selection, progress)) if (events.length > 0) yield events;
  }

  /** Like readBatches, but yields for each range of the log its last position too, even if no event in it is selected. */
  async *readRanges(
    selection: Selection,
    progress?: LogProgress,
  ): AsyncGenerator<{ events: readonly RawEvent[]; at: LogPosition }, void, void> {
    const { after, account } = selection;
    const to = await this.readEndOf(selection);
    if (to === undefined || !isAfter(to, after)) return;
    const isSelected = createFilter(selection);
    for await (const { events, position: at } of readLogRange(this.connect(), { account, after, to })) {
      progress?.advance(events.length, at, after, to);
      const selected = isSelected === undefined ? events : events.filter(isSelected);
      yield { events: await this.texts.open(selected), at };
    }
  }

  /** @returns the first event of an account in the log, which no two logs share */
  async readFirst(): Promise<RawEvent | undefined> {
    for await (const [first] of this.readBatches()) return first;
    return undefined;
  }

  /**
   * @returns whether the log has an event at exactly this position, and its id if it is one of an account
   * @throws EventStoreUnavailableError
   */
  async readAt(position: LogPosition): Promise<{ readonly id: string | undefined } | undefined> {
    const client = this.connect();
    try {
      for await (const [entry] of readAll(client, { after: position, maxCount: 1 })) {
        const isThere = entry !== undefined && entry.position.commit === position.commit;
        return isThere ? { id: entry.event?.id } : undefined;
      }
      return undefined;
    } catch (error) {
      throw toUnavailableError(error);
    }
  }

  /** @returns all events of an account's stream, or undefined if the stream was deleted permanently */
  readAccount(accountId: string): Promise<readonly RawEvent[] | undefined> {
    return readAccountStream(this.connect(), accountId);
  }

  /** Closes the connection. The next read opens another one. */
  async close(): Promise<void> {
    await this.texts.close();
    const { client } = this;
    this.client = undefined;
    if (client !== undefined) await closeEventStore(client);
  }

  private connect(): ReadOnlyClient {
    return (this.client ??= connectEventStore(loadConfig(ReplayConfig)));
  }
}

/** The report names this many events and only counts the others. */
const NAMED_EVENTS = 5;

/**
 * Events that this version cannot decode, because a newer version or another service wrote them. The output leaves them out,
 * and a report at the end counts them.
 */
export class UnreadableEvents {
  count = 0;
  readonly named: string[] = [];

  /** Adds events that an earlier run of the tool could not decode and that this one does not read. */
  add(count: number, named: readonly string[]): void {
    this.count += count;
    this.named.push(...named.slice(0, NAMED_EVENTS - this.named.length));
  }

  /** @returns the event in its current version, or undefined if it is unreadable */
  decode(raw: RawEvent): StoredEvent | undefined {
    try {
      return decodeEvent(raw);
    } catch (error) {
      if (!(error instanceof UnknownEventError)) throw error;
      this.count += 1;
      if (this.named.length < NAMED_EVENTS)
        this.named.push(`position ${raw.position.commit}: ${error.message}`);
      return undefined;
    }
  }

  /** @returns the lines of the report, or none if every event was readable */
  report(): readonly string[] {
    if (this.count === 0) return [];
    const isOne = this.count === 1;
    const more = this.count > this.named.length ? [`  and ${this.count - this.named.length} more`] : [];
    return [
      `replay: this version cannot read ${this.count} event${isOne ? '' : 's'} of the log; the output leaves ${isOne ? 'it' : 'them'} out:`,
      ...this.named.map((line) => `  ${line}`),
      ...more,
    ];
  }
}

export interface LogProgress {
  /** Reports that `events` more events were read and that the reader is `at` a position between `from` and `to`. */
  advance(events: number, at: LogPosition, from: LogPosition | undefined, to: LogPosition): void;
  /** Removes the bar. Call it before anything else is printed. */
  stop(): void;
}

/** Shows on a terminal how much of the log has been read. @param activity what the tool does with it: `reading` */
export function showLogProgress(activity: string): LogProgress {
  const bar = createProgressBar(`${activity} {bar} {percentage}%  {events} events, {eta_formatted} left`);
  let events = 0;
  return {
    advance(count, at, from, to) {
      events += count;
      const start = from?.commit ?? 0n;
      bar.update(Number(at.commit - start) / Number(to.commit - start || 1n), { events });
    },
    stop: () => bar.stop(),
  };
}
