/** The client broke the protocol: its connection is closed. */
export class MalformedRequest extends Error {}

/** The smallest element of any array in the requests served here is an int16 or an empty string. */
const SMALLEST_ELEMENT_BYTES = 2;
/** In all arrays of a request together: an element costs many times its bytes in memory. */
const MAX_ELEMENTS = 20_000;

/**
 * Reads the primitives of Kafka's protocol (its versions without tagged fields) from one request. Every length is
 * checked against what remains of the frame before anything is allocated or copied.
 * @throws MalformedRequest when the frame ends early, or holds a null where none may stand
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

  /** Offsets and timestamps fit a double; what does not is no real offset or timestamp. */
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
    return present(this.nullableString());
  }

  /** A view into the frame: copy it to keep it. */
  nullableBytes(): Buffer | null {
    const length = this.int32();
    if (length < 0) return null;
    const from = this.take(length);
    return this.frame.subarray(from, from + length);
  }

  bytes(): Buffer {
    return present(this.nullableBytes());
  }

  nullableArray<T>(element: () => T): T[] | null {
    const length = this.int32();
    if (length < 0) return null;
    this.elements += length;
    if (length > this.remaining / SMALLEST_ELEMENT_BYTES || this.elements > MAX_ELEMENTS) {
      throw new MalformedRequest(`an array of ${length} elements in ${this.remaining} bytes`);
    }
    const elements: T[] = [];
    for (let i = 0; i < length; i++) elements.push(element());
    return elements;
  }

  array<T>(element: () => T): T[] {
    return present(this.nullableArray(element));
  }

  private take(bytes: number): number {
    if (bytes > this.remaining) {
      throw new MalformedRequest(`${bytes} bytes wanted where ${this.remaining} remain`);
    }
    const at = this.at;
    this.at += bytes;
    return at;
  }
}

function present<T>(value: T | null): T {
  if (value === null) throw new MalformedRequest('null where the protocol has none');
  return value;
}
