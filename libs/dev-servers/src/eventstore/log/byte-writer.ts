const INITIAL_CAPACITY = 64 * 1024;

/** Collects bytes that are to be written at an offset of a file. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(INITIAL_CAPACITY);
  #start = 0;
  #length = 0;

  /** Drops the collected bytes and starts over at an offset of the file. */
  restart(start: number): void {
    this.#start = start;
    this.#length = 0;
    if (this.#bytes.length > 64 * INITIAL_CAPACITY) this.#bytes = Buffer.allocUnsafe(INITIAL_CAPACITY);
  }

  get start(): number {
    return this.#start;
  }

  get length(): number {
    return this.#length;
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.#start + this.#length;
  }

  /** A view of the collected bytes, valid until the next write. */
  view(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#length);
  }

  /** Reserves bytes that the caller fills later through `view`. */
  skip(bytes: number): void {
    this.#reserve(bytes);
    this.#length += bytes;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param bytes the UTF-8 length of the text, which the caller knows already */
  text(text: string, bytes: number): void {
    this.#reserve(bytes);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** A protobuf varint of a non-negative safe integer. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** The number of bytes that `ByteWriter.varint` writes for a value. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++;
  return length;
}
