/*
 * Encodes and decodes EventStoreDB's BatchAppend (streams.proto) without the stubs of the client's package, whose objects
 * were a quarter of what the command app put on the heap. Errors are rare, so the stubs decode them.
 */
import {
  AccessDeniedError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  UnknownError,
  WrongExpectedVersionError,
  type EventData,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { PbfReader, PbfWriter } from 'pbf';
import { formatStructuredUuid } from './client-internals.js';

export const BATCH_APPEND = '/event_store.client.streams.Streams/BatchAppend';

/** Events to append to a stream. */
export interface Append {
  readonly stream: string;
  /** The expected revision; undefined for a stream that does not exist yet. */
  readonly revision: bigint | undefined;
  readonly events: readonly EventData[];
  /** By the server's clock. */
  readonly deadline: Date;
}

export interface AppendResponse {
  /** The id that the append was sent with. */
  readonly id: string;
  /** The revision of the last appended event; undefined when the server has appended nothing. */
  readonly revision: bigint | undefined;
  /** The whole response. */
  readonly bytes: Uint8Array;
}

/** Shared by all requests: a request is encoded synchronously, and a copy is sent. */
const writer = new PbfWriter(new Uint8Array(16 * 1024));

/** @throws TypeError for data that cannot be written as JSON */
export function encodeAppendRequest(id: string, append: Append): Buffer {
  writer.pos = 0;
  writer.writeMessage(1, writeUuid, id);
  writer.writeMessage(2, writeOptions, append);
  for (const event of append.events) writer.writeMessage(3, writeEvent, event);
  writer.writeBooleanField(4, true);
  return Buffer.from(writer.buf.subarray(0, writer.pos));
}

const writeUuid = (id: string, to: PbfWriter): void => to.writeStringField(2, id);

function writeOptions({ stream, revision, deadline }: Append, to: PbfWriter): void {
  to.writeMessage(1, writeStream, stream);
  if (revision === undefined) to.writeMessage(3, writeNothing, undefined);
  else to.writeVarintField(2, Number(revision));
  to.writeMessage(6, writeTimestamp, deadline);
}

const writeStream = (name: string, to: PbfWriter): void => to.writeStringField(3, name);
const writeNothing = (): void => undefined;

function writeTimestamp(at: Date, to: PbfWriter): void {
  const ms = at.getTime();
  to.writeVarintField(1, Math.floor(ms / 1_000));
  to.writeVarintField(2, (ms % 1_000) * 1_000_000);
}

function writeEvent({ id, type, contentType, data, metadata }: EventData, to: PbfWriter): void {
  to.writeMessage(1, writeUuid, id);
  to.writeMessage(2, writeMapEntry, ['type', type]);
  to.writeMessage(2, writeMapEntry, ['content-type', contentType]);
  if (metadata !== undefined) writeContent(3, metadata, to);
  writeContent(4, data, to);
}

function writeMapEntry([key, value]: readonly [string, string], to: PbfWriter): void {
  to.writeStringField(1, key);
  to.writeStringField(2, value);
}

function writeContent(field: number, content: unknown, to: PbfWriter): void {
  if (content instanceof Uint8Array) return to.writeBytesField(field, content);
  const text = JSON.stringify(content) as string | undefined;
  if (text === undefined) throw new TypeError('the data of an event cannot be written as JSON');
  to.writeStringField(field, text);
}

export function decodeAppendResponse(bytes: Uint8Array): AppendResponse {
  return new PbfReader(bytes).readFields(readResponseField, { id: '', revision: undefined, bytes });
}

type PartialResponse = { -readonly [K in keyof AppendResponse]: AppendResponse[K] };

function readResponseField(field: number, response: PartialResponse, from: PbfReader): void {
  if (field === 1) from.readMessage(readIdField, response);
  else if (field === 3) response.revision = from.readMessage(readSuccessField, { revision: 0n }).revision;
}

function readSuccessField(field: number, success: { revision: bigint }, from: PbfReader): void {
  if (field === 1) success.revision = BigInt(from.readVarint());
}

/** The server may encode an id as text or as two numbers. */
function readIdField(field: number, response: PartialResponse, from: PbfReader): void {
  if (field === 2) response.id = from.readString();
  else if (field === 1) response.id = formatStructuredUuid(from.readBytes());
}

/** The reason why the server has not appended, as the client's own error. */
export function toAppendError({ bytes }: AppendResponse, { stream }: Append): Error {
  const error = streams.BatchAppendResp.deserializeBinary(bytes).getError();
  if (error === undefined) return new UnknownError(undefined, 'a response without a result');
  const details = error.getDetails();
  if (details === undefined) return new UnknownError(undefined, error.getMessage());
  switch (details.getTypeName()) {
    case 'event_store.client.WrongExpectedVersion': {
      const version = shared.WrongExpectedVersion.deserializeBinary(details.getValue_asU8());
      return WrongExpectedVersionError.fromWrongExpectedVersion(version, stream);
    }
    case 'event_store.client.StreamDeleted':
      return StreamDeletedError.fromStreamName(stream);
    case 'event_store.client.AccessDenied':
      return new AccessDeniedError();
    case 'event_store.client.Timeout':
      return new DeadlineExceededError();
    case 'event_store.client.MaximumAppendSizeExceeded': {
      const most = shared.MaximumAppendSizeExceeded.deserializeBinary(details.getValue_asU8());
      return MaxAppendSizeExceededError.fromMaxAppendSize(most.getMaxappendsize());
    }
    default:
      return new UnknownError(undefined, error.getMessage());
  }
}
