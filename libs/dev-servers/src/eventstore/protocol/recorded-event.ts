import { type ByteWriter, varintLength } from '../log/byte-writer.js';
import { streams } from './stubs.js';

/*
 * Events are stored as the protobuf message that readers receive, event_store.client.streams.ReadResp.ReadEvent
 * .RecordedEvent, so that a read copies bytes instead of building messages. Field numbers are from streams.proto.
 */

export interface StoredEvent {
  /** Lower-case UUID. */
  readonly id: string;
  readonly stream: string;
  /** `undefined` for a tombstone, which gets the largest revision. */
  readonly revision: number | undefined;
  readonly type: string;
  readonly isJson: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

const FIELD = {
  id: 1,
  stream: 2,
  revision: 3,
  preparePosition: 4,
  commitPosition: 5,
  properties: 6,
  metadata: 7,
  data: 8,
} as const;
const UUID_STRING = 2;
const STREAM_NAME = 3;

/** 2^63 - 1 as a varint. */
const LARGEST_REVISION = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);

/** The server keeps time in .NET ticks since 1970. */
const TICKS_PER_MILLISECOND = 10_000;

export function writeRecordedEvent(writer: ByteWriter, event: StoredEvent, position: number): void {
  writeNestedText(writer, FIELD.id, UUID_STRING, event.id);
  writeNestedText(writer, FIELD.stream, STREAM_NAME, event.stream);
  if (event.revision === undefined) {
    writer.u8(FIELD.revision << 3);
    writer.raw(LARGEST_REVISION);
  } else writeNumber(writer, FIELD.revision, event.revision);
  writeNumber(writer, FIELD.preparePosition, position);
  writeNumber(writer, FIELD.commitPosition, position);
  writeProperty(writer, 'type', event.type);
  writeProperty(writer, 'created', String(event.created * TICKS_PER_MILLISECOND));
  writeProperty(writer, 'content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  writeBytes(writer, FIELD.metadata, event.metadata);
  writeBytes(writer, FIELD.data, event.data);
}

function writeNumber(writer: ByteWriter, field: number, value: number): void {
  writer.u8(field << 3);
  writer.varint(value);
}

function writeBytes(writer: ByteWriter, field: number, bytes: Uint8Array): void {
  writer.u8((field << 3) | 2);
  writer.varint(bytes.length);
  writer.raw(bytes);
}

function writeText(writer: ByteWriter, field: number, text: string, bytes: number): void {
  writer.u8((field << 3) | 2);
  writer.varint(bytes);
  writer.text(text, bytes);
}

/** A message whose only field is a text. */
function writeNestedText(writer: ByteWriter, field: number, inner: number, text: string): void {
  const bytes = Buffer.byteLength(text);
  writer.u8((field << 3) | 2);
  writer.varint(1 + varintLength(bytes) + bytes);
  writeText(writer, inner, text, bytes);
}

/** An entry of a map<string, string>. */
function writeProperty(writer: ByteWriter, key: string, value: string): void {
  const keyBytes = Buffer.byteLength(key);
  const valueBytes = Buffer.byteLength(value);
  writer.u8((FIELD.properties << 3) | 2);
  writer.varint(2 + varintLength(keyBytes) + keyBytes + varintLength(valueBytes) + valueBytes);
  writeText(writer, 1, key, keyBytes);
  writeText(writer, 2, value, valueBytes);
}

/** The data of a stored event. */
export function decodeEventData(wire: Uint8Array): Uint8Array {
  return streams.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(wire).getData_asU8();
}
