/*
 * Encodes EventStoreDB's Read of $all (streams.proto) with the stubs of the client's package, and decodes its responses
 * without them: their objects, and those that the client makes of them, cost twice what a projection does with an event.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { PbfReader } from 'pbf';
import { toRawEvent, type LogPosition, type RawEvent } from '../events/raw-event.js';
import { formatStructuredUuid } from './client-internals.js';

export const READ = '/event_store.client.streams.Streams/Read';

/** A read of `$all`, or a subscription to it. */
export interface ReadRequest {
  /**
   * Undefined for the start of the log, or for its end when reading backwards. A read begins with the event at this position,
   * a subscription with the one after it.
   */
  readonly after: LogPosition | undefined;
  /** Forwards if not given. */
  readonly direction?: 'forwards' | 'backwards';
  /** How many events to read; all of them if not given. */
  readonly maxCount?: number;
  /** Makes it a subscription, which has no end, to the streams whose names begin with one of these. */
  readonly prefixes?: readonly string[];
}

/** One response of a read. Responses that carry no event have neither field. */
export interface LogEntry {
  readonly position: LogPosition | undefined;
  /** Undefined for an event that is not in an account's stream. */
  readonly event: RawEvent | undefined;
}

export function encodeReadRequest({ after, direction, maxCount, prefixes }: ReadRequest): Buffer {
  const { Options } = streams.ReadReq;
  const all = new Options.AllOptions();
  if (after !== undefined) {
    const position = new Options.Position();
    position.setCommitPosition(after.commit.toString()).setPreparePosition(after.prepare.toString());
    all.setPosition(position);
  } else if (direction === 'backwards') all.setEnd(new shared.Empty());
  else all.setStart(new shared.Empty());
  const options = new Options()
    .setAll(all)
    .setResolveLinks(false)
    .setUuidOption(new Options.UUIDOption().setString(new shared.Empty()));
  if (prefixes === undefined) {
    const { FORWARDS, BACKWARDS } = Options.ReadDirection;
    options.setReadDirection(direction === 'backwards' ? BACKWARDS : FORWARDS);
    options.setCount((maxCount ?? Number.MAX_SAFE_INTEGER).toString()).setNoFilter(new shared.Empty());
  } else {
    const names = new Options.FilterOptions.Expression().setPrefixList([...prefixes]);
    const filter = new Options.FilterOptions().setStreamIdentifier(names);
    filter.setCount(new shared.Empty()).setCheckpointintervalmultiplier(1);
    options.setSubscription(new Options.SubscriptionOptions()).setFilter(filter);
  }
  return Buffer.from(new streams.ReadReq().setOptions(options).serializeBinary());
}

/** The fields of a response, while they are being read. */
interface ResponseFields {
  isEvent: boolean;
  id: string;
  streamId: string;
  revision: bigint;
  commit: bigint;
  prepare: bigint;
  type: string;
  isJson: boolean;
  created: string;
  metadata: Buffer | undefined;
  data: Buffer | undefined;
}

const NO_EVENT: LogEntry = { position: undefined, event: undefined };

/** Positions and revisions are exact below 2^53. Positions count the bytes of the log, so that is eight petabytes. */
export function decodeReadResponse(bytes: Buffer): LogEntry {
  const fields: ResponseFields = {
    isEvent: false,
    id: '',
    streamId: '',
    revision: 0n,
    commit: 0n,
    prepare: 0n,
    type: '',
    isJson: false,
    created: '',
    metadata: undefined,
    data: undefined,
  };
  new PbfReader(bytes).readFields(readResponseField, fields);
  if (!fields.isEvent) return NO_EVENT;
  const position = { commit: fields.commit, prepare: fields.prepare };
  const { id, type, streamId, revision, data, metadata } = fields;
  const event = toRawEvent({
    id,
    type,
    streamId,
    revision,
    position,
    created: dateOf(fields.created),
    data: fields.isJson ? parseJsonOr(data, (text) => text) : (data ?? Buffer.alloc(0)),
    metadata: metadata?.length ? parseJsonOr(metadata, () => metadata) : undefined,
  });
  return { position, event };
}

function readResponseField(field: number, fields: ResponseFields, from: PbfReader): void {
  if (field === 1) from.readMessage(readResolvedField, fields);
}

function readResolvedField(field: number, fields: ResponseFields, from: PbfReader): void {
  if (field !== 1) return;
  fields.isEvent = true;
  from.readMessage(readEventField, fields);
}

function readEventField(field: number, fields: ResponseFields, from: PbfReader): void {
  switch (field) {
    case 1:
      from.readMessage(readIdField, fields);
      break;
    case 2:
      from.readMessage(readStreamField, fields);
      break;
    case 3:
      fields.revision = BigInt(from.readVarint());
      break;
    case 4:
      fields.prepare = BigInt(from.readVarint());
      break;
    case 5:
      fields.commit = BigInt(from.readVarint());
      break;
    case 6:
      readSystemMetadata(fields, from);
      break;
    case 7:
      fields.metadata = bufferFrom(from);
      break;
    case 8:
      fields.data = bufferFrom(from);
      break;
    default:
  }
}

/** The server may encode an id as text or as two numbers. */
function readIdField(field: number, fields: ResponseFields, from: PbfReader): void {
  if (field === 2) fields.id = bufferFrom(from).toString('latin1');
  else if (field === 1) fields.id = formatStructuredUuid(from.readBytes());
}

function readStreamField(field: number, fields: ResponseFields, from: PbfReader): void {
  if (field === 3) fields.streamId = bufferFrom(from).toString();
}

/** One entry of the map in which the server describes an event. */
function readSystemMetadata(fields: ResponseFields, from: PbfReader): void {
  const { key, value } = from.readMessage(readMapEntryField, { key: '', value: '' });
  if (key === 'type') fields.type = value;
  else if (key === 'created') fields.created = value;
  else if (key === 'content-type') fields.isJson = value === 'application/json';
}

function readMapEntryField(field: number, entry: { key: string; value: string }, from: PbfReader): void {
  if (field === 1) entry.key = bufferFrom(from).toString();
  else if (field === 2) entry.value = bufferFrom(from).toString();
}

/** Not a copy: the response is a Buffer, and so is a part of it. */
const bufferFrom = (from: PbfReader): Buffer => from.readBytes() as Buffer;

/** @param ticks units of 100 nanoseconds since 1970, as text */
const dateOf = (ticks: string): Date => new Date(Number(ticks.slice(0, -4)));

function parseJsonOr(bytes: Buffer | undefined, fallback: (text: string) => unknown): unknown {
  const text = bytes?.toString() ?? '';
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return fallback(text);
  }
}
