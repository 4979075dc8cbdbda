/*
 * The messages of EventStoreDB's BatchAppend, of the stubs that the client's package ships. They are CommonJS whose exports
 * cannot be named in an import.
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
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';

export const { StreamsClient } = streamsService;
export type AppendRequest = streams.BatchAppendReq;
export type AppendResponse = streams.BatchAppendResp;

/** Events for the stream behind a revision; undefined for a stream that does not exist yet. */
export interface Append {
  readonly stream: string;
  readonly revision: bigint | undefined;
  readonly events: readonly EventData[];
  /** By the server's clock. */
  readonly deadline: Date;
}

/** @throws TypeError for data that are no JSON */
export function appendRequest(id: string, { stream, revision, events, deadline }: Append): AppendRequest {
  const options = new streams.BatchAppendReq.Options()
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(utf8(stream)))
    .setDeadline(timestamp.Timestamp.fromDate(deadline));
  if (revision === undefined) options.setNoStream(new shared.Empty());
  else options.setStreamPosition(revision.toString());
  return new streams.BatchAppendReq()
    .setOptions(options)
    .setCorrelationId(uuid(id))
    .setProposedMessagesList(events.map(proposedMessage))
    .setIsFinal(true);
}

function proposedMessage({ id, type, contentType, data, metadata }: EventData) {
  const message = new streams.BatchAppendReq.ProposedMessage().setId(uuid(id)).setData(bytesOf(data));
  message.getMetadataMap().set('type', type).set('content-type', contentType);
  if (metadata !== undefined) message.setCustomMetadata(bytesOf(metadata));
  return message;
}

/** Which append an answer is to: the server may write its id as text or as two numbers. */
export function idOf(response: AppendResponse): string {
  const id = response.getCorrelationId();
  const numbers = id?.getStructured();
  if (numbers === undefined) return id?.getString() ?? '';
  const hex = [numbers.getMostSignificantBits(), numbers.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Why the server has not appended, as the client's own error; undefined when it has. */
export function failureOf(response: AppendResponse, { stream }: Append): Error | undefined {
  const error = response.getError();
  if (error === undefined) return undefined;
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

/** Of the last event that the server has appended. */
export const revisionOf = (response: AppendResponse): bigint =>
  BigInt(response.getSuccess()!.getCurrentRevision());

const uuid = (id: string) => new shared.UUID().setString(id);

const bytesOf = (part: unknown): Uint8Array =>
  part instanceof Uint8Array ? part : utf8(JSON.stringify(part));

/** A plain Uint8Array: it is what the stubs recognise. */
function utf8(text: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(text);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
