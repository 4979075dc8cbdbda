/*
 * EventStoreDB's BatchAppend (streams.proto), written and read without the objects of the stubs that the client's package
 * ships: those took a quarter of all that the command app put on the heap. What is rare, errors, the stubs read.
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
import { fromNumbers } from './uuid.js';

export const BATCH_APPEND = '/event_store.client.streams.Streams/BatchAppend';

/** Events for the stream behind a revision; undefined for a stream that does not exist yet. */
export interface Append {
  readonly stream: string;
  readonly revision: bigint | undefined;
  readonly events: readonly EventData[];
  /** By the server's clock. */
  readonly deadline: Date;
}

/** An answer, and the append that it is the answer to. */
export interface Answer {
  readonly id: string;
  /** Of the last event that the server has appended; undefined when it has appended none. */
  readonly revision: bigint | undefined;
  /** All of it. */
  readonly bytes: Uint8Array;
}

/** One for all: a request is written at once, and what is sent is a copy. */
const writer = new PbfWriter(new Uint8Array(16 * 1024));

/** @throws TypeError for data that are no JSON */
export function appendRequest(id: string, append: Append): Buffer {
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
  to.writeMessage(2, writeEntry, ['type', type]);
  to.writeMessage(2, writeEntry, ['content-type', contentType]);
  if (metadata !== undefined) writeContent(3, metadata, to);
  writeContent(4, data, to);
}

function writeEntry([key, value]: readonly [string, string], to: PbfWriter): void {
  to.writeStringField(1, key);
  to.writeStringField(2, value);
}

function writeContent(field: number, content: unknown, to: PbfWriter): void {
  if (content instanceof Uint8Array) return to.writeBytesField(field, content);
  const text = JSON.stringify(content) as string | undefined;
  if (text === undefined) throw new TypeError('these data are no JSON');
  to.writeStringField(field, text);
}

export function readAnswer(bytes: Uint8Array): Answer {
  return new PbfReader(bytes).readFields(readAnswerField, { id: '', revision: undefined, bytes });
}

type Draft = { -readonly [K in keyof Answer]: Answer[K] };

function readAnswerField(field: number, answer: Draft, from: PbfReader): void {
  if (field === 1) from.readMessage(readIdField, answer);
  else if (field === 3) answer.revision = from.readMessage(readSuccessField, { revision: 0n }).revision;
}

function readSuccessField(field: number, success: { revision: bigint }, from: PbfReader): void {
  if (field === 1) success.revision = BigInt(from.readVarint());
}

/** The server may write an id as text or as two numbers. */
function readIdField(field: number, answer: Draft, from: PbfReader): void {
  if (field === 2) answer.id = from.readString();
  else if (field === 1) answer.id = fromNumbers(from.readBytes());
}

/** Why the server has not appended, as the client's own error. */
export function failureOf({ bytes }: Answer, { stream }: Append): Error {
  const error = streams.BatchAppendResp.deserializeBinary(bytes).getError();
  if (error === undefined) return new UnknownError(undefined, 'an answer without a result');
  const details = error.getDetails();
  if (details === undefined) return new UnknownError(undefined, error.getMessage());
  switch (details.getTypeName()) {
    case 'event_store.client.WrongExpectedVersion': {
      const bytes = details.getValue_asU8();
      const version = shared.WrongExpectedVersion.deserializeBinary(bytes);
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
