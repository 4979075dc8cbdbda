import { crc32 } from 'node:zlib';
import type { ByteWriter } from './byte-writer.js';

/*
 * The log is one file: a header, then frames. A frame holds what one fsync made durable: the records of all appends that
 * waited for it. One checksum covers them all, so a torn write invalidates the whole frame, of which nothing had been
 * acknowledged, and never splits an append.
 */

export const FILE_HEADER = Buffer.from('dev-event-log/1\n');

/** Magic, length of the body, CRC-32 of the body; numbers are u32, little-endian. */
export const FRAME_HEADER_BYTES = 12;
export const FRAME_MAGIC = Buffer.from('\u0000Fr\n', 'latin1');

/** Bytes. A larger length means damage: the store rejects appends long before a frame gets this large. */
export const MAX_BODY_BYTES = 256 * 1024 * 1024;

export interface FrameHeader {
  readonly bodyBytes: number;
  readonly checksum: number;
}

/** Fills in the header. @param frame reserved bytes for the header, then the body */
export function sealFrame(frame: Buffer): void {
  const body = frame.subarray(FRAME_HEADER_BYTES);
  FRAME_MAGIC.copy(frame);
  frame.writeUInt32LE(body.length, 4);
  frame.writeUInt32LE(crc32(body), 8);
}

/** @returns undefined when `bytes` does not begin with a frame header */
export function readFrameHeader(bytes: Buffer): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES || !bytes.subarray(0, 4).equals(FRAME_MAGIC)) return undefined;
  const bodyBytes = bytes.readUInt32LE(4);
  if (bodyBytes === 0 || bodyBytes > MAX_BODY_BYTES) return undefined;
  return { bodyBytes, checksum: bytes.readUInt32LE(8) };
}

export function isIntact(header: FrameHeader, body: Buffer): boolean {
  return body.length === header.bodyBytes && crc32(body) === header.checksum;
}

/*
 * A frame's body is a sequence of records: kind (u8), length of the payload (u32), payload. Streams and event types are numbered
 * in the order of their first appearance and named once, so that reopening the log decodes no text per event.
 */

const STREAM_NAME = 1;
const TYPE_NAME = 2;
const EVENT = 3;
const RECORD_HEADER_BYTES = 5;

/** The revision in the record of a tombstone, which is the last event of its stream. */
export const TOMBSTONE_REVISION = 0xffff_ffff;

/** What the index needs of an event. Readers read the rest from the file. */
export interface EventHeader {
  /** Number of the stream, in order of first appearance. */
  readonly stream: number;
  /** Number of the event type, likewise. */
  readonly type: number;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** 16 bytes. */
  readonly id: Uint8Array;
}

const EVENT_HEADER_BYTES = 4 + 4 + 4 + 8 + 16;

export interface RecordVisitor {
  streamName(name: string): void;
  typeName(name: string): void;
  /**
   * @param position offset of `wire` in the file, which is the event's position in $all
   * @param wire the event as readers receive it, a protobuf RecordedEvent; valid during the call only
   */
  event(header: EventHeader, position: number, wire: Buffer): void;
}

export function writeStreamName(writer: ByteWriter, name: string): void {
  writeName(writer, STREAM_NAME, name);
}

export function writeTypeName(writer: ByteWriter, name: string): void {
  writeName(writer, TYPE_NAME, name);
}

/**
 * @param writeWire writes the event's protobuf; gets the event's position
 * @returns the event's position and the length of its protobuf
 */
export function writeEvent(
  writer: ByteWriter,
  header: EventHeader,
  writeWire: (position: number) => void,
): { position: number; bytes: number } {
  const start = writer.length;
  writer.u8(EVENT);
  writer.u32(0);
  writer.u32(header.stream);
  writer.u32(header.type);
  writer.u32(header.revision);
  writer.f64(header.created);
  writer.raw(header.id);
  const position = writer.offset;
  writeWire(position);
  const payloadBytes = writer.length - start - RECORD_HEADER_BYTES;
  writer.view(start).writeUInt32LE(payloadBytes, 1);
  return { position, bytes: payloadBytes - EVENT_HEADER_BYTES };
}

/** @param offset of the body in the file */
export function visitRecords(body: Buffer, offset: number, visitor: RecordVisitor): void {
  let at = 0;
  while (at < body.length) {
    const kind = body.readUInt8(at);
    const start = at + RECORD_HEADER_BYTES;
    const end = start + body.readUInt32LE(at + 1);
    if (kind === EVENT) {
      const wireStart = start + EVENT_HEADER_BYTES;
      visitor.event(readEventHeader(body, start), offset + wireStart, body.subarray(wireStart, end));
    } else if (kind === STREAM_NAME) visitor.streamName(body.toString('utf8', start, end));
    else if (kind === TYPE_NAME) visitor.typeName(body.toString('utf8', start, end));
    else throw new Error(`the event log holds a record of an unknown kind, ${kind}, at byte ${offset + at}`);
    at = end;
  }
}

function readEventHeader(body: Buffer, at: number): EventHeader {
  return {
    stream: body.readUInt32LE(at),
    type: body.readUInt32LE(at + 4),
    revision: body.readUInt32LE(at + 8),
    created: body.readDoubleLE(at + 12),
    id: body.subarray(at + 20, at + 36),
  };
}

function writeName(writer: ByteWriter, kind: number, name: string): void {
  const bytes = Buffer.byteLength(name);
  writer.u8(kind);
  writer.u32(bytes);
  writer.text(name, bytes);
}
