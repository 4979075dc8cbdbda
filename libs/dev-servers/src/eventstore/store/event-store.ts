import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteWriter } from '../log/byte-writer.js';
import { lockDataDir } from '../../process/data-dir-lock.js';
import { LogReader } from '../log/log-reader.js';
import { LogWriter } from '../log/log-writer.js';
import { visitRecords } from '../log/records.js';
import { recoverLog } from '../log/recover.js';
import { Appender, type ProposedEvent } from './appender.js';
import { checkAppend, type AppendVerdict, type ExpectedRevision } from './check-append.js';
import { EventIndex } from './event-index.js';
import { indexingVisitor, recentEventsOf } from './rebuild-index.js';
import { StoreBusyError, StreamDeletedError, WrongExpectedRevisionError } from './store-errors.js';
import { readableRange, type StreamRange } from './stream-range.js';

export interface Appended {
  /** The stream's last revision after the append; -1 when it has no events. */
  readonly revision: number;
  /** Position in $all of the last event that the append wrote. */
  readonly position: number;
}

/** Above this many bytes that wait for the disk, appends are refused: memory is bounded, and so is a frame. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

/** A delete is checked like the append of an event with an id that no event has. */
const REMOVAL = [{ id: '' }];

/**
 * Streams of events in one log file. Readers see what is durable; appends are decided against all that is decided,
 * and settle, with a result or a refusal, when what decided them is durable.
 */
export class EventStore {
  readonly index: EventIndex;
  readonly #file: FileHandle;
  readonly #unlock: () => void;
  readonly #appender: Appender;
  readonly #writer: LogWriter;
  readonly #listeners = new Set<() => void>();
  readonly #failed = Promise.withResolvers<Error>();
  #durable: number;
  #durableEnd: number;

  private constructor(file: FileHandle, unlock: () => void, index: EventIndex, end: number) {
    this.#file = file;
    this.#unlock = unlock;
    this.index = index;
    this.#durable = index.events.length;
    this.#durableEnd = end;
    this.#appender = new Appender(index, recentEventsOf(index), () => this.#durable);
    this.#writer = new LogWriter(file, end, {
      onDurable: (durableEnd) => this.#advance(durableEnd),
      onFailure: (error) => this.#failed.resolve(error),
    });
  }

  /**
   * Opens the store in a directory, which is made if it does not exist.
   * @throws when the directory is in use, or its log is damaged
   */
  static async open(dataDir: string): Promise<EventStore> {
    const unlock = lockDataDir(dataDir);
    let file: FileHandle | undefined;
    try {
      file = await open(join(dataDir, 'events.log'), constants.O_RDWR | constants.O_CREAT);
      const index = new EventIndex();
      const visitor = indexingVisitor(index);
      const end = recoverLog(file.fd, (body, offset) => visitRecords(body, offset, visitor));
      return new EventStore(file, unlock, index, end);
    } catch (error) {
      await file?.close();
      unlock();
      throw error;
    }
  }

  /** Number of durable events: readers see those with a lower ordinal. */
  get durable(): number {
    return this.#durable;
  }

  /** Resolves when the log could not be written; from then on nothing is accepted. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** Whoever can should hold back appends until `settled`. */
  get isSaturated(): boolean {
    return this.#writer.pendingBytes > MAX_PENDING_BYTES / 2;
  }

  /** Settles when all that is decided so far is durable. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /**
   * Appends events, all or none.
   * @throws WrongExpectedRevisionError, StreamDeletedError, StoreBusyError
   */
  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly ProposedEvent[],
  ): Promise<Appended> {
    const verdict = this.#check(stream, expected, events);
    const { lastRevision } = this.#appender.head(stream);
    if (verdict === 'append' && events.length > 0) {
      await this.#writer.append((writer) => this.#appender.append(writer, stream, events));
      return this.#appended(stream, lastRevision + events.length);
    }
    await this.settled();
    refuse(stream, lastRevision, verdict);
    return this.#appended(stream, typeof verdict === 'object' ? verdict.repeatUpTo : lastRevision);
  }

  /**
   * Hides a stream's events until it is written to again.
   * @returns the position of the event that says so
   * @throws WrongExpectedRevisionError also when the stream does not exist, StreamDeletedError, StoreBusyError
   */
  async delete(stream: string, expected: ExpectedRevision): Promise<number> {
    const { lastRevision, hasMetadata } = this.#appender.head(stream);
    const exists = lastRevision >= 0 || hasMetadata;
    const verdict = this.#check(stream, expected, REMOVAL);
    return this.#remove(stream, verdict === 'append' && !exists ? 'wrong' : verdict, (writer) => {
      this.#appender.softDelete(writer, stream);
    });
  }

  /**
   * Deletes a stream for ever, also one that never existed.
   * @returns the position of the event that says so
   * @throws WrongExpectedRevisionError, StreamDeletedError, StoreBusyError
   */
  async tombstone(stream: string, expected: ExpectedRevision): Promise<number> {
    return this.#remove(stream, this.#check(stream, expected, REMOVAL), (writer) => {
      this.#appender.tombstone(writer, stream);
    });
  }

  /** @throws StreamDeletedError */
  readableRange(stream: string): StreamRange | undefined {
    return readableRange(this.index, this.#durable, stream);
  }

  /** Reads the stored bytes of events, for one reader. */
  reader(): (ordinal: number) => Buffer {
    const reader = new LogReader(this.#file.fd, () => this.#durableEnd);
    const { events } = this.index;
    return (ordinal) => reader.read(events.position(ordinal), events.bytes(ordinal));
  }

  /** Calls the listener whenever more events are durable. @returns what stops that */
  onDurable(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.settled().catch(() => undefined);
    await this.#file.close();
    this.#unlock();
  }

  async #remove(
    stream: string,
    verdict: AppendVerdict,
    write: (writer: ByteWriter) => void,
  ): Promise<number> {
    if (verdict !== 'append') {
      const { lastRevision } = this.#appender.head(stream);
      await this.settled();
      refuse(stream, lastRevision, verdict);
    }
    const ordinal = this.index.events.length;
    await this.#writer.append(write);
    return this.index.events.position(ordinal);
  }

  #check(stream: string, expected: ExpectedRevision, events: readonly { id: string }[]): AppendVerdict {
    if (this.#writer.pendingBytes > MAX_PENDING_BYTES) throw new StoreBusyError('the disk is too slow');
    const ids = events.map(({ id }) => id);
    return checkAppend(this.#appender.head(stream), expected, ids);
  }

  #appended(stream: string, revision: number): Appended {
    const { events } = this.index;
    const ordinal = this.index.stream(stream)?.ordinals[revision] ?? events.length - 1;
    return { revision, position: ordinal < 0 ? 0 : events.position(ordinal) };
  }

  #advance(durableEnd: number): void {
    const { events } = this.index;
    this.#durableEnd = durableEnd;
    while (this.#durable < events.length && events.position(this.#durable) < durableEnd) this.#durable++;
    for (const listener of this.#listeners) listener();
  }
}

function refuse(stream: string, current: number, verdict: AppendVerdict): void {
  if (verdict === 'deleted') throw new StreamDeletedError(stream);
  if (verdict === 'wrong') throw new WrongExpectedRevisionError(stream, current);
}
