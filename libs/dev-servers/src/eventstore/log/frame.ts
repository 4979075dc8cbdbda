import { crc32 } from 'node:zlib';

/*
 * The log is one file: a header, then frames. A frame is what one fsync made durable: the records of all the
 * appends that were waiting for it. Its checksum covers all of them, so a torn write takes the whole frame, of which
 * nothing had been acknowledged, and no append is ever half there.
 */

export const FILE_HEADER = Buffer.from('dev-event-log/1\n');

/** Magic, length of the body, CRC-32 of the body; numbers are u32, little-endian. */
export const FRAME_HEADER_BYTES = 12;
export const FRAME_MAGIC = Buffer.from('\u0000Fr\n', 'latin1');

/** A length beyond this is damage; the store refuses appends long before a frame gets there. Bytes. */
export const MAX_BODY_BYTES = 256 * 1024 * 1024;

export interface FrameHeader {
  readonly bodyBytes: number;
  readonly checksum: number;
}

/** @param frame room for a header, then the body */
export function sealFrame(frame: Buffer): void {
  const body = frame.subarray(FRAME_HEADER_BYTES);
  FRAME_MAGIC.copy(frame);
  frame.writeUInt32LE(body.length, 4);
  frame.writeUInt32LE(crc32(body), 8);
}

/** @returns undefined when no frame begins here */
export function readFrameHeader(bytes: Buffer): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES || !bytes.subarray(0, 4).equals(FRAME_MAGIC)) return undefined;
  const bodyBytes = bytes.readUInt32LE(4);
  if (bodyBytes === 0 || bodyBytes > MAX_BODY_BYTES) return undefined;
  return { bodyBytes, checksum: bytes.readUInt32LE(8) };
}

export function isIntact(header: FrameHeader, body: Buffer): boolean {
  return body.length === header.bodyBytes && crc32(body) === header.checksum;
}
