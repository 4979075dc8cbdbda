const INITIAL_CAPACITY = 16 * 1024;
const ID_BYTES = 16;

/** What the index holds of every event: 48 bytes in typed arrays, because a log may hold millions of events. */
export class EventColumns {
  #capacity = INITIAL_CAPACITY;
  #length = 0;
  /** As doubles: offsets in the file exceed 32 bits. */
  #positions = new Float64Array(INITIAL_CAPACITY);
  #bytes = new Uint32Array(INITIAL_CAPACITY);
  #streams = new Uint32Array(INITIAL_CAPACITY);
  #types = new Uint32Array(INITIAL_CAPACITY);
  #revisions = new Uint32Array(INITIAL_CAPACITY);
  #created = new Float64Array(INITIAL_CAPACITY);
  #ids = Buffer.alloc(INITIAL_CAPACITY * ID_BYTES);

  /** The number of events. An event's ordinal is its index: 0 for the first event of the log. */
  get length(): number {
    return this.#length;
  }

  push(event: {
    position: number;
    bytes: number;
    stream: number;
    type: number;
    revision: number;
    created: number;
    id: Uint8Array;
  }): number {
    if (this.#length === this.#capacity) this.#grow();
    const ordinal = this.#length++;
    this.#positions[ordinal] = event.position;
    this.#bytes[ordinal] = event.bytes;
    this.#streams[ordinal] = event.stream;
    this.#types[ordinal] = event.type;
    this.#revisions[ordinal] = event.revision;
    this.#created[ordinal] = event.created;
    this.#ids.set(event.id, ordinal * ID_BYTES);
    return ordinal;
  }

  position(ordinal: number): number {
    return this.#positions[ordinal]!;
  }

  /** Length of the event's protobuf, in bytes. */
  bytes(ordinal: number): number {
    return this.#bytes[ordinal]!;
  }

  stream(ordinal: number): number {
    return this.#streams[ordinal]!;
  }

  type(ordinal: number): number {
    return this.#types[ordinal]!;
  }

  revision(ordinal: number): number {
    return this.#revisions[ordinal]!;
  }

  /** Milliseconds since 1970; never earlier than the event before. */
  created(ordinal: number): number {
    return this.#created[ordinal]!;
  }

  /** A view of 16 bytes, good until the next push. */
  id(ordinal: number): Buffer {
    return this.#ids.subarray(ordinal * ID_BYTES, (ordinal + 1) * ID_BYTES);
  }

  /** @returns the first ordinal whose position is not below `position`, or `length` */
  ordinalFrom(position: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#positions[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#positions = grown(this.#positions, new Float64Array(this.#capacity));
    this.#bytes = grown(this.#bytes, new Uint32Array(this.#capacity));
    this.#streams = grown(this.#streams, new Uint32Array(this.#capacity));
    this.#types = grown(this.#types, new Uint32Array(this.#capacity));
    this.#revisions = grown(this.#revisions, new Uint32Array(this.#capacity));
    this.#created = grown(this.#created, new Float64Array(this.#capacity));
    this.#ids = grown(this.#ids, Buffer.alloc(this.#capacity * ID_BYTES));
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
