import type { ByteWriter } from './byte-writer.js';

/*
 * A frame's body is a row of records: kind (u8), length of the payload (u32), payload. Streams and event types are
 * numbered in the order of their first appearance and named once, so that reopening the log decodes no text per event.
 */

const STREAM_NAME = 1;
const TYPE_NAME = 2;
const EVENT = 3;
const RECORD_HEADER_BYTES = 5;

/** The revision in an event record of a tombstone, which is a stream's last event whatever its length. */
export const TOMBSTONE_REVISION = 0xffff_ffff;

/** What the index needs of an event; the rest is read from the file when a reader asks. */
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
   * @param wire the event as readers get it, a protobuf RecordedEvent; good only during the call
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
 * @param writeWire writes the event's protobuf; it is told its position
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
