import { fdatasyncSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import {
  FILE_HEADER,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  type FrameHeader,
  isIntact,
  readFrameHeader,
} from './log-format.js';

/** Bytes read at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Visits the frames of a log and truncates a torn tail, which a crash in the middle of a write leaves behind.
 * @param fd open for reading and writing
 * @param visit gets a frame's body and its offset in the file; the bytes are valid during the call only
 * @returns the offset at which the intact log ends
 * @throws when the file is not a log, or is damaged before its last frame: that is not a torn write, and acknowledged events
 *   would be lost
 */
export function recoverLog(fd: number, visit: (body: Buffer, offset: number) => void): number {
  const size = fstatSync(fd).size;
  if (isShorterThanHeader(fd, size)) return createHeader(fd);
  if (!readAt(fd, 0, FILE_HEADER.length).equals(FILE_HEADER)) {
    throw new Error('the file is not an event log of this version');
  }
  const end = visitFrames(fd, size, visit);
  if (end < size) truncateTornTail(fd, end, size);
  return end;
}

function visitFrames(fd: number, size: number, visit: (body: Buffer, offset: number) => void): number {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let chunkStart = 0;
  let chunkEnd = 0;
  /** Bytes of the file, read from the chunk if it holds them. */
  const bytesAt = (offset: number, length: number): Buffer => {
    if (offset < chunkStart || offset + length > chunkEnd) {
      if (length > chunk.length) chunk = Buffer.allocUnsafe(length);
      chunkStart = offset;
      chunkEnd = offset + readFully(fd, chunk, offset);
    }
    return chunk.subarray(offset - chunkStart, Math.min(offset - chunkStart + length, chunkEnd - chunkStart));
  };
  let at = FILE_HEADER.length;
  while (at < size) {
    const header = readFrameHeader(bytesAt(at, FRAME_HEADER_BYTES));
    if (!header || at + FRAME_HEADER_BYTES + header.bodyBytes > size) break;
    const body = bytesAt(at + FRAME_HEADER_BYTES, header.bodyBytes);
    if (!isIntact(header, body)) break;
    visit(body, at + FRAME_HEADER_BYTES);
    at += FRAME_HEADER_BYTES + header.bodyBytes;
  }
  return at;
}

/** A frame is written only when the one before it is durable, so an intact frame after a torn one means damage. */
function truncateTornTail(fd: number, end: number, size: number): void {
  const intact = findIntactFrame(fd, end + 1, size);
  if (intact !== undefined) {
    throw new Error(
      `the event log is damaged at byte ${end}, and an intact frame follows at byte ${intact}: ` +
        'restore the log from a backup, or remove it to start with an empty store',
    );
  }
  ftruncateSync(fd, end);
  fdatasyncSync(fd);
}

function findIntactFrame(fd: number, from: number, size: number): number | undefined {
  for (let start = from; start < size; start += CHUNK_BYTES) {
    const chunk = readAt(fd, start, Math.min(CHUNK_BYTES + FRAME_MAGIC.length - 1, size - start));
    for (let at = chunk.indexOf(FRAME_MAGIC); at >= 0; at = chunk.indexOf(FRAME_MAGIC, at + 1)) {
      const header = readFrameHeader(readAt(fd, start + at, FRAME_HEADER_BYTES));
      if (header && isIntact(header, readBody(fd, start + at, header, size))) return start + at;
    }
  }
  return undefined;
}

function readBody(fd: number, frame: number, header: FrameHeader, size: number): Buffer {
  const start = frame + FRAME_HEADER_BYTES;
  return start + header.bodyBytes > size ? Buffer.alloc(0) : readAt(fd, start, header.bodyBytes);
}

/** A crash may have interrupted the write of the header. */
function isShorterThanHeader(fd: number, size: number): boolean {
  return size < FILE_HEADER.length && FILE_HEADER.subarray(0, size).equals(readAt(fd, 0, size));
}

function createHeader(fd: number): number {
  writeSync(fd, FILE_HEADER, 0, FILE_HEADER.length, 0);
  fdatasyncSync(fd);
  return FILE_HEADER.length;
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readFully(fd, bytes, offset));
}

function readFully(fd: number, target: Buffer, offset: number): number {
  let read = 0;
  while (read < target.length) {
    const bytes = readSync(fd, target, read, target.length - read, offset + read);
    if (bytes === 0) break;
    read += bytes;
  }
  return read;
}
