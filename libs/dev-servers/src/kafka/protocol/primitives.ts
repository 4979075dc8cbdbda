/** The client violated the protocol. Its connection is closed. */
export class MalformedRequestError extends Error {}

/** The smallest element of an array in the served requests is an int16 or an empty string. */
const MIN_ELEMENT_BYTES = 2;
/** In all arrays of one request. Limited, because an element takes many times its bytes in memory. */
const MAX_ELEMENTS = 20_000;

/**
 * Reads the primitives of Kafka's protocol (in versions without tagged fields) from one request. A length is checked against the
 * rest of the frame before anything is allocated or copied.
 * @throws MalformedRequestError when the frame ends early, or holds a null where the protocol allows none
 */
export class Reader {
  private at = 0;
  private elements = 0;

  constructor(private readonly frame: Buffer) {}

  get remaining(): number {
    return this.frame.length - this.at;
  }

  int8(): number {
    return this.frame.readInt8(this.take(1));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    return this.frame.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.frame.readInt32BE(this.take(4));
  }

  /** As a double: real offsets and timestamps fit. */
  int64(): number {
    return Number(this.frame.readBigInt64BE(this.take(8)));
  }

  nullableString(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const from = this.take(length);
    return this.frame.toString('utf8', from, from + length);
  }

  string(): string {
    return requirePresent(this.nullableString());
  }

  /** A view into the frame. Copy it to keep it. */
  nullableBytes(): Buffer | null {
    const length = this.int32();
    if (length < 0) return null;
    const from = this.take(length);
    return this.frame.subarray(from, from + length);
  }

  bytes(): Buffer {
    return requirePresent(this.nullableBytes());
  }

  nullableArray<T>(element: () => T): T[] | null {
    const length = this.int32();
    if (length < 0) return null;
    this.elements += length;
    if (length > this.remaining / MIN_ELEMENT_BYTES || this.elements > MAX_ELEMENTS) {
      throw new MalformedRequestError(
        `an array of ${length} elements, but only ${this.remaining} bytes remain`,
      );
    }
    const elements: T[] = [];
    for (let i = 0; i < length; i++) elements.push(element());
    return elements;
  }

  array<T>(element: () => T): T[] {
    return requirePresent(this.nullableArray(element));
  }

  private take(bytes: number): number {
    if (bytes > this.remaining) {
      throw new MalformedRequestError(`a field of ${bytes} bytes, but only ${this.remaining} remain`);
    }
    const at = this.at;
    this.at += bytes;
    return at;
  }
}

function requirePresent<T>(value: T | null): T {
  if (value === null) throw new MalformedRequestError('null where the protocol allows none');
  return value;
}

const CHUNK_BYTES = 512;

/** The throttle time of every response, in milliseconds: this broker does not throttle. */
export const NOT_THROTTLED = 0;

/** Writes the primitives of Kafka's protocol into one response. */
export class Writer {
  private readonly finished: Buffer[] = [];
  private current = Buffer.allocUnsafe(CHUNK_BYTES);
  private used = 0;
  private suppressed = false;

  int8(value: number): this {
    const at = this.reserve(1);
    this.current.writeInt8(value, at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    const at = this.reserve(2);
    this.current.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.reserve(4);
    this.current.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.reserve(8);
    this.current.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    const at = this.reserve(length);
    this.current.write(value, at, 'utf8');
    return this;
  }

  bytes(value: Buffer): this {
    this.int32(value.length);
    const at = this.reserve(value.length);
    value.copy(this.current, at);
    return this;
  }

  /** As `bytes`, without copying: the buffer must not change until the response is sent. */
  bytesByReference(value: Buffer): this {
    this.int32(value.length);
    this.finishChunk();
    this.finished.push(value);
    return this;
  }

  array<T>(elements: readonly T[], write: (element: T) => void): this {
    this.int32(elements.length);
    for (const element of elements) write(element);
    return this;
  }

  /** Sends no response, as the client has asked. */
  suppress(): void {
    this.suppressed = true;
  }

  get isSuppressed(): boolean {
    return this.suppressed;
  }

  /** The frame: its length, then the written bytes. */
  frame(): Buffer[] {
    this.finishChunk();
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(this.finished.reduce((total, chunk) => total + chunk.length, 0));
    return [length, ...this.finished];
  }

  /** To be called before `current` is used, because it may replace that buffer. @returns where to write */
  private reserve(bytes: number): number {
    if (this.used + bytes > this.current.length) {
      this.finishChunk();
      if (bytes > this.current.length) this.current = Buffer.allocUnsafe(bytes);
    }
    const at = this.used;
    this.used += bytes;
    return at;
  }

  private finishChunk(): void {
    if (this.used === 0) return;
    this.finished.push(this.current.subarray(0, this.used));
    this.current = Buffer.allocUnsafe(CHUNK_BYTES);
    this.used = 0;
  }
}
