import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDataDir } from '../../process/data-dir-lock.js';
import type { ByteWriter } from '../log/byte-writer.js';
import { visitRecords } from '../log/log-format.js';
import { LogReader } from '../log/log-reader.js';
import { LogWriter } from '../log/log-writer.js';
import { recoverLog } from '../log/recover-log.js';
import { Appender, type ProposedEvent } from './appender.js';
import {
  type AppendCheck,
  checkAppend,
  type ExpectedRevision,
  StoreBusyError,
  StreamDeletedError,
  WrongExpectedRevisionError,
} from './check-append.js';
import { readableRange, type StreamRange } from './cursors.js';
import { EventIndex, indexingVisitor, recentEventIdsOf } from './event-index.js';

export interface AppendResult {
  /** The stream's last revision after the append; -1 when it has no events. */
  readonly revision: number;
  /** Position in $all of the last event that the append wrote. */
  readonly position: number;
}

/** While more bytes than this wait for the disk, appends are rejected. This bounds the memory and the size of a frame. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

/** A delete is checked like an append of an event whose id is new. */
const REMOVAL = [{ id: '' }];

/**
 * Streams of events in one log file. Readers see durable events only. An append is checked against all accepted events, and
 * settles, with a result or an error, when the events that it was checked against are durable.
 */
export class EventStore {
  readonly index: EventIndex;
  readonly #file: FileHandle;
  readonly #unlock: () => void;
  readonly #appender: Appender;
  readonly #writer: LogWriter;
  readonly #listeners = new Set<() => void>();
  readonly #failed = Promise.withResolvers<Error>();
  #durableCount: number;
  #durableEnd: number;

  private constructor(file: FileHandle, unlock: () => void, index: EventIndex, end: number) {
    this.#file = file;
    this.#unlock = unlock;
    this.index = index;
    this.#durableCount = index.events.length;
    this.#durableEnd = end;
    this.#appender = new Appender(index, recentEventIdsOf(index), () => this.#durableCount);
    this.#writer = new LogWriter(file, end, {
      onDurable: (durableEnd) => this.#advanceDurable(durableEnd),
      onFailure: (error) => this.#failed.resolve(error),
    });
  }

  /**
   * Opens the store in a directory, which is created if it does not exist.
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

  /** The number of durable events. Readers see those with a lower ordinal. */
  get durableCount(): number {
    return this.#durableCount;
  }

  /** Resolves when the log could not be written. From then on the store rejects all appends. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** While it is true, callers should wait for `whenDurable` before they append more. */
  get isSaturated(): boolean {
    return this.#writer.pendingBytes > MAX_PENDING_BYTES / 2;
  }

  /** Settles when all events accepted so far are durable. */
  whenDurable(): Promise<void> {
    return this.#writer.whenDurable();
  }

  /**
   * Appends all of the events or none of them.
   * @throws WrongExpectedRevisionError, StreamDeletedError, StoreBusyError
   */
  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly ProposedEvent[],
  ): Promise<AppendResult> {
    const check = this.#check(stream, expected, events);
    const { lastRevision } = this.#appender.head(stream);
    if (check === 'append' && events.length > 0) {
      await this.#writer.append((writer) => this.#appender.append(writer, stream, events));
      return this.#resultAt(stream, lastRevision + events.length);
    }
    await this.whenDurable();
    throwIfRejected(stream, lastRevision, check);
    return this.#resultAt(stream, typeof check === 'object' ? check.repeatUpTo : lastRevision);
  }

  /**
   * Hides a stream's events until the next append to it.
   * @returns the position of the event that records the delete
   * @throws WrongExpectedRevisionError also when the stream does not exist, StreamDeletedError, StoreBusyError
   */
  async delete(stream: string, expected: ExpectedRevision): Promise<number> {
    const { lastRevision, hasMetadata } = this.#appender.head(stream);
    const exists = lastRevision >= 0 || hasMetadata;
    const check = this.#check(stream, expected, REMOVAL);
    return this.#remove(stream, check === 'append' && !exists ? 'wrong-revision' : check, (writer) => {
      this.#appender.softDelete(writer, stream);
    });
  }

  /**
   * Deletes a stream for ever, even one that never existed.
   * @returns the position of the tombstone
   * @throws WrongExpectedRevisionError, StreamDeletedError, StoreBusyError
   */
  async tombstone(stream: string, expected: ExpectedRevision): Promise<number> {
    return this.#remove(stream, this.#check(stream, expected, REMOVAL), (writer) => {
      this.#appender.tombstone(writer, stream);
    });
  }

  /** @throws StreamDeletedError */
  readableRange(stream: string): StreamRange | undefined {
    return readableRange(this.index, this.#durableCount, stream);
  }

  /** @returns a function that reads the stored bytes of the event of an ordinal; its buffer is reused by the next read */
  createReader(): (ordinal: number) => Buffer {
    const reader = new LogReader(this.#file.fd, () => this.#durableEnd);
    const { events } = this.index;
    return (ordinal) => reader.read(events.position(ordinal), events.bytes(ordinal));
  }

  /** Calls the listener whenever more events are durable. @returns a function that removes the listener */
  onDurable(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.whenDurable().catch(() => undefined);
    await this.#file.close();
    this.#unlock();
  }

  async #remove(stream: string, check: AppendCheck, write: (writer: ByteWriter) => void): Promise<number> {
    if (check !== 'append') {
      const { lastRevision } = this.#appender.head(stream);
      await this.whenDurable();
      throwIfRejected(stream, lastRevision, check);
    }
    const ordinal = this.index.events.length;
    await this.#writer.append(write);
    return this.index.events.position(ordinal);
  }

  #check(stream: string, expected: ExpectedRevision, events: readonly { id: string }[]): AppendCheck {
    if (this.#writer.pendingBytes > MAX_PENDING_BYTES) throw new StoreBusyError('the disk is too slow');
    const ids = events.map(({ id }) => id);
    return checkAppend(this.#appender.head(stream), expected, ids);
  }

  #resultAt(stream: string, revision: number): AppendResult {
    const { events } = this.index;
    const ordinal = this.index.stream(stream)?.ordinals[revision] ?? events.length - 1;
    return { revision, position: ordinal < 0 ? 0 : events.position(ordinal) };
  }

  #advanceDurable(durableEnd: number): void {
    const { events } = this.index;
    this.#durableEnd = durableEnd;
    while (this.#durableCount < events.length && events.position(this.#durableCount) < durableEnd)
      this.#durableCount++;
    for (const listener of this.#listeners) listener();
  }
}

function throwIfRejected(stream: string, current: number, check: AppendCheck): void {
  if (check === 'deleted') throw new StreamDeletedError(stream);
  if (check === 'wrong-revision') throw new WrongExpectedRevisionError(stream, current);
}
