import { UndecodableBatchError } from './record-primitives.js';

/**
 * The output of LZ4 and snappy: literals, and copies of bytes that were written before. Its size is fixed, and nothing is
 * written or read outside of it.
 */
export class DecompressionBuffer {
  readonly bytes: Buffer;
  private at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get isFull(): boolean {
    return this.at === this.bytes.length;
  }

  copyLiterals(from: Buffer, start: number, length: number): void {
    if (length > this.bytes.length - this.at || start + length > from.length) throw corruptData();
    from.copy(this.bytes, this.at, start, start + length);
    this.at += length;
  }

  /** Copies `length` bytes from `distance` bytes back. The source may overlap the bytes being written. */
  copyMatch(distance: number, length: number): void {
    const { bytes, at } = this;
    if (distance < 1 || distance > at || length > bytes.length - at) throw corruptData();
    const end = at + length;
    if (distance >= length) bytes.copyWithin(at, at - distance, end - distance);
    else if (distance === 1) bytes.fill(bytes[at - 1]!, at, end);
    else for (let to = at; to < end; to += 1) bytes[to] = bytes[to - distance]!;
    this.at = end;
  }
}

export const corruptData = () => new UndecodableBatchError('its compressed data is damaged');
