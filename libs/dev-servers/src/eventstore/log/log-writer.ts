import type { FileHandle } from 'node:fs/promises';
import { ByteWriter } from './byte-writer.js';
import { FRAME_HEADER_BYTES, sealFrame } from './log-format.js';

export interface LogWriterEvents {
  /** Called with the offset up to which the file is durable, before waiting appends settle. */
  onDurable(end: number): void;
  /** Called after a failed write or fsync. The content of the file is unknown then, so the writer accepts no more appends. */
  onFailure(error: Error): void;
}

/** A frame that is being filled, and the promise that its appends wait for. */
class PendingFrame {
  readonly writer: ByteWriter;
  readonly durability = Promise.withResolvers<void>();

  constructor(writer: ByteWriter, offset: number) {
    this.writer = writer;
    writer.restart(offset);
    writer.skip(FRAME_HEADER_BYTES);
    this.durability.promise.catch(() => undefined);
  }

  get bodyBytes(): number {
    return this.writer.length - FRAME_HEADER_BYTES;
  }
}

/** Appends to the log with group commit: all appends that arrive during one fsync share the next one. */
export class LogWriter {
  readonly #file: FileHandle;
  readonly #events: LogWriterEvents;
  #open: PendingFrame;
  #inFlight: PendingFrame | undefined;
  #spare = new ByteWriter();
  #flushing = false;
  #failure: Error | undefined;

  /** @param end offset at which the file's intact part ends */
  constructor(file: FileHandle, end: number, events: LogWriterEvents) {
    this.#file = file;
    this.#events = events;
    this.#open = new PendingFrame(new ByteWriter(), end);
  }

  /** Bytes that are not durable yet. */
  get pendingBytes(): number {
    return this.#open.bodyBytes + (this.#inFlight?.bodyBytes ?? 0);
  }

  /**
   * Adds records. Settles when all of them are durable.
   * @param write must not throw once it has written a byte
   */
  append(write: (writer: ByteWriter) => void): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    write(this.#open.writer);
    if (!this.#flushing) void this.#flush();
    return this.#open.durability.promise;
  }

  /** Settles when all records appended so far are durable. */
  whenDurable(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#open.bodyBytes > 0) return this.#open.durability.promise;
    return this.#inFlight?.durability.promise ?? Promise.resolve();
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    // Appends that arrive with one read of a socket are made in one turn of the event loop: they share a frame.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#open.bodyBytes > 0 && !this.#failure) await this.#flushOpenFrame();
    this.#flushing = false;
  }

  async #flushOpenFrame(): Promise<void> {
    const frame = this.#open;
    const end = frame.writer.offset;
    this.#inFlight = frame;
    this.#open = new PendingFrame(this.#spare, end);
    try {
      const bytes = frame.writer.view();
      sealFrame(bytes);
      await writeFully(this.#file, bytes, frame.writer.start);
      await this.#file.datasync();
      this.#spare = frame.writer;
      this.#inFlight = undefined;
      this.#events.onDurable(end);
      frame.durability.resolve();
    } catch (error) {
      this.#failure = error as Error;
      frame.durability.reject(error);
      this.#open.durability.reject(error);
      this.#events.onFailure(this.#failure);
    }
  }
}

async function writeFully(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, offset + written);
    written += bytesWritten;
  }
}
