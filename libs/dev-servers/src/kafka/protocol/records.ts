import { BATCH_HEADER_BYTES } from './batch.js';

/** A record that does not fit its batch, or whose parts do not fit the record. */
export class MalformedRecord extends Error {}

export interface RecordSummary {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly hasKey: boolean;
}

/**
 * Walks the records of an uncompressed batch: https://kafka.apache.org/documentation/#record. A batch whose inside is
 * broken must be refused here, for every consumer would stumble over it later.
 * @throws MalformedRecord
 */
export function* walkRecords(batch: Buffer): Generator<RecordSummary> {
  const varints = new Varints(batch, BATCH_HEADER_BYTES);
  while (varints.at < batch.length) {
    const length = varints.next();
    const end = varints.at + length;
    if (length < 1 || end > batch.length) throw new MalformedRecord('a record longer than its batch');
    varints.skip(1, end);
    const timestampDelta = varints.next();
    const offsetDelta = varints.next();
    const keyLength = varints.next();
    varints.skip(keyLength, end);
    varints.skip(varints.next(), end);
    const headers = varints.next();
    if (headers < 0) throw new MalformedRecord('a negative number of headers');
    for (let i = 0; i < headers; i++) {
      varints.skip(varints.next(), end);
      varints.skip(varints.next(), end);
    }
    if (varints.at !== end) throw new MalformedRecord('a record whose parts do not fill it');
    yield { timestampDelta, offsetDelta, hasKey: keyLength >= 0 };
  }
}

/** Zigzag variable-length integers, at most ten bytes each. Beyond 2^53 they lose precision, which no real one needs. */
class Varints {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  next(): number {
    let value = 0;
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new MalformedRecord('an integer without an end');
  }

  /** Passes over `length` bytes that must end before `end`; -1 stands for null. */
  skip(length: number, end: number): void {
    if (length < -1 || this.at + Math.max(0, length) > end) {
      throw new MalformedRecord('a part longer than its record');
    }
    this.at += Math.max(0, length);
  }
}
