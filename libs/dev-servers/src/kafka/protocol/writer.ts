const CHUNK_BYTES = 512;

/** What every reply carries as its throttle time, in milliseconds: nobody is ever throttled here. */
export const NOT_THROTTLED = 0;

/** Writes the primitives of Kafka's protocol into one reply. */
export class Writer {
  private readonly done: Buffer[] = [];
  private current = Buffer.allocUnsafe(CHUNK_BYTES);
  private used = 0;
  private isWithheld = false;

  int8(value: number): this {
    const at = this.room(1);
    this.current.writeInt8(value, at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    const at = this.room(2);
    this.current.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.room(4);
    this.current.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.room(8);
    this.current.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    const at = this.room(length);
    this.current.write(value, at, 'utf8');
    return this;
  }

  bytes(value: Buffer): this {
    this.int32(value.length);
    const at = this.room(value.length);
    value.copy(this.current, at);
    return this;
  }

  /** As `bytes`, without copying: the buffer must not change until the reply is sent. */
  bytesByReference(value: Buffer): this {
    this.int32(value.length);
    this.closeChunk();
    this.done.push(value);
    return this;
  }

  array<T>(elements: readonly T[], write: (element: T) => void): this {
    this.int32(elements.length);
    for (const element of elements) write(element);
    return this;
  }

  /** The client asked for no reply. */
  withhold(): void {
    this.isWithheld = true;
  }

  get withheld(): boolean {
    return this.isWithheld;
  }

  /** The frame: its length, then what was written. */
  frame(): Buffer[] {
    this.closeChunk();
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(this.done.reduce((total, chunk) => total + chunk.length, 0));
    return [length, ...this.done];
  }

  /** Called before `current` is touched: it may replace it. */
  private room(bytes: number): number {
    if (this.used + bytes > this.current.length) {
      this.closeChunk();
      if (bytes > this.current.length) this.current = Buffer.allocUnsafe(bytes);
    }
    const at = this.used;
    this.used += bytes;
    return at;
  }

  private closeChunk(): void {
    if (this.used === 0) return;
    this.done.push(this.current.subarray(0, this.used));
    this.current = Buffer.allocUnsafe(CHUNK_BYTES);
    this.used = 0;
  }
}
