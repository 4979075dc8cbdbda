import type { IHeaders } from 'kafkajs';
import { ByteReader, varint, writeVarint } from './record-primitives.js';

const EMPTY = Buffer.alloc(0);

/** A header as it is on the wire: its name may be invalid UTF-8, and it may have no value. */
export interface RecordHeader {
  readonly name: Buffer;
  readonly value: Buffer | null;
}

/**
 * The headers of a record, byte for byte and in their order. They stay encoded until one of them is read: most records are
 * handled by a single header, and a hostile record may have tens of thousands.
 */
export class RecordHeaders implements Iterable<RecordHeader> {
  static readonly NONE = new RecordHeaders(0, EMPTY);

  /** @param encoded exactly `count` headers; the decoder has checked this */
  constructor(
    readonly count: number,
    readonly encoded: Buffer,
  ) {}

  static of(headers: readonly RecordHeader[]): RecordHeaders {
    const parts: Buffer[] = [];
    for (const { name, value } of headers) {
      parts.push(varint(name.length), name);
      if (value === null) parts.push(varint(-1));
      else parts.push(varint(value.length), value);
    }
    return new RecordHeaders(headers.length, Buffer.concat(parts));
  }

  /** From the headers of a kafkajs message to publish. */
  static fromKafkajs(headers: IHeaders = {}): RecordHeaders {
    const list: RecordHeader[] = [];
    for (const name of Object.keys(headers)) {
      const bytes = Buffer.from(name);
      for (const value of [headers[name] ?? null].flat()) {
        list.push({ name: bytes, value: typeof value === 'string' ? Buffer.from(value) : value });
      }
    }
    return list.length === 0 ? RecordHeaders.NONE : RecordHeaders.of(list);
  }

  *[Symbol.iterator](): Generator<RecordHeader> {
    const reader = new ByteReader(this.encoded, 0, this.encoded.length);
    for (let n = 0; n < this.count; n += 1)
      yield { name: reader.nullableBytes() ?? EMPTY, value: reader.nullableBytes() };
  }

  /** Their size in a record, in bytes, with the header count. */
  get bytes(): number {
    return varint(this.count).length + this.encoded.length;
  }

  /** The headers whose name fulfils the condition; `this` if all do. */
  filter(condition: (name: string) => boolean): RecordHeaders {
    const kept = [...this].filter(({ name }) => condition(name.toString()));
    return kept.length === this.count ? this : RecordHeaders.of(kept);
  }

  /** These headers, then the others. */
  concat(others: RecordHeaders): RecordHeaders {
    if (this.count === 0) return others;
    return new RecordHeaders(this.count + others.count, Buffer.concat([this.encoded, others.encoded]));
  }

  /**
   * The headers by name, in an object without a prototype: a header may be called `constructor`. A repeated header becomes
   * an array, and a header without a value an empty buffer.
   */
  toRecord(): IHeaders {
    const record = Object.create(null) as IHeaders;
    const reader = new ByteReader(this.encoded, 0, this.encoded.length);
    for (let n = 0; n < this.count; n += 1) {
      const name = (reader.nullableBytes() ?? EMPTY).toString();
      const value = reader.nullableBytes() ?? EMPTY;
      const before = record[name];
      if (before === undefined) record[name] = value;
      else if (Array.isArray(before)) before.push(value);
      else record[name] = [before, value];
    }
    return record;
  }

  /** @returns the index after the last byte written */
  writeTo(target: Buffer, at: number): number {
    const from = writeVarint(target, at, this.count);
    return from + this.encoded.copy(target, from);
  }
}

/** The fields of a batch by which kafkajs filters out the records of aborted transactions. */
export interface BatchContext {
  readonly producerId: string;
  readonly inTransaction: boolean;
}

/** A record in the shape that kafkajs passes to consumers as a KafkaMessage. */
export class FetchedRecord {
  readonly magicByte = 2;
  readonly attributes = 0;
  readonly size = 0;

  constructor(
    readonly offset: string,
    readonly timestamp: string,
    readonly key: Buffer | null,
    readonly value: Buffer | null,
    readonly recordHeaders: RecordHeaders,
    readonly isControlRecord: boolean,
    readonly batchContext: BatchContext,
    /** Set when this stands for a whole batch that cannot be decoded. The batch ends at `offset`. */
    readonly undecodable?: { readonly firstOffset: string; readonly reason: string },
  ) {}

  get headers(): IHeaders {
    return this.recordHeaders.toRecord();
  }
}
