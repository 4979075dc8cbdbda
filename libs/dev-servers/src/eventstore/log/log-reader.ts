import { readSync } from 'node:fs';

const MIN_READ_BYTES = 4 * 1024;
const MAX_READ_BYTES = 128 * 1024;

/**
 * Reads events from the log for one reader. When the reader moves through the file in order, forwards or backwards, it reads
 * ahead.
 *
 * Reads are synchronous on purpose: a development server's log is in the operating system's page cache, where a read takes two
 * microseconds; the thread pool would take thirty.
 */
export class LogReader {
  readonly #fd: number;
  readonly #durableEnd: () => number;
  #window = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #readSize = MIN_READ_BYTES;

  /** @param durableEnd returns the offset at which the durable part of the file ends; nothing is read beyond it */
  constructor(fd: number, durableEnd: () => number) {
    this.#fd = fd;
    this.#durableEnd = durableEnd;
  }

  /** @returns a view that is valid until the next read */
  read(position: number, length: number): Buffer {
    if (position < this.#start || position + length > this.#end) this.#moveWindow(position, length);
    return this.#window.subarray(position - this.#start, position - this.#start + length);
  }

  #moveWindow(position: number, length: number): void {
    const isBackwards = position < this.#start;
    const gap = isBackwards ? this.#start - position - length : position - this.#end;
    const isInOrder = this.#end > 0 && gap < MIN_READ_BYTES;
    this.#readSize = isInOrder ? Math.min(this.#readSize * 2, MAX_READ_BYTES) : MIN_READ_BYTES;
    const bytes = Math.max(length, this.#readSize);
    if (this.#window.length < bytes) this.#window = Buffer.allocUnsafe(bytes);
    this.#start = isBackwards && isInOrder ? Math.max(0, position + length - bytes) : position;
    this.#end = this.#start;
    const end = Math.min(this.#start + bytes, this.#durableEnd());
    while (this.#end < position + length) {
      const read = readSync(this.#fd, this.#window, this.#end - this.#start, end - this.#end, this.#end);
      if (read === 0) throw new Error(`the event log ends before byte ${position + length}`);
      this.#end += read;
    }
  }
}
