/*
 * EventStoreDB's Read of $all (streams.proto): asked for with the stubs that the client's package ships, and read without
 * them. Their objects, and what the client makes of those, are twice what an event costs a projection besides.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { PbfReader } from 'pbf';
import type { Place } from './place.js';
import { recordedEvent, type RecordedEvent } from './recorded-event.js';
import { fromNumbers } from './uuid.js';

export const READ = '/event_store.client.streams.Streams/Read';

/** A part of $all, in its order. */
export interface LogRequest {
  /** Undefined for the very beginning. The event at the place itself: a read gives it, a subscription does not. */
  readonly after: Place | undefined;
  /** Of the streams' names, for a subscription, which never ends by itself; undefined for a read up to the end. */
  readonly prefixes?: readonly string[];
}

/** What an answer of the server tells; neither, where it is no event's. */
export interface Entry {
  readonly position: Place | undefined;
  /** Undefined for what is in no account's stream. */
  readonly event: RecordedEvent | undefined;
}

export function logRequest({ after, prefixes }: LogRequest): Buffer {
  const { Options } = streams.ReadReq;
  const all = new Options.AllOptions();
  if (after === undefined) all.setStart(new shared.Empty());
  else {
    const position = new Options.Position();
    position.setCommitPosition(after.commit.toString()).setPreparePosition(after.prepare.toString());
    all.setPosition(position);
  }
  const options = new Options()
    .setAll(all)
    .setResolveLinks(false)
    .setUuidOption(new Options.UUIDOption().setString(new shared.Empty()));
  if (prefixes === undefined) {
    options.setReadDirection(Options.ReadDirection.FORWARDS);
    options.setCount(Number.MAX_SAFE_INTEGER.toString()).setNoFilter(new shared.Empty());
  } else {
    const names = new Options.FilterOptions.Expression().setPrefixList([...prefixes]);
    const filter = new Options.FilterOptions().setStreamIdentifier(names);
    filter.setCount(new shared.Empty()).setCheckpointintervalmultiplier(1);
    options.setSubscription(new Options.SubscriptionOptions()).setFilter(filter);
  }
  return Buffer.from(new streams.ReadReq().setOptions(options).serializeBinary());
}

/** What is read of an event, before it is put together. */
interface Draft {
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

const NOTHING: Entry = { position: undefined, event: undefined };

/** Places and revisions are exact below 2^53: places are bytes of the log, which would have eight petabytes there. */
export function readEntry(bytes: Buffer): Entry {
  const draft: Draft = {
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
  new PbfReader(bytes).readFields(readAnswerField, draft);
  if (!draft.isEvent) return NOTHING;
  const position = { commit: draft.commit, prepare: draft.prepare };
  const { id, type, streamId, revision, data, metadata } = draft;
  const event = recordedEvent({
    id,
    type,
    streamId,
    revision,
    position,
    created: dateOf(draft.created),
    data: draft.isJson ? fromJson(data, (text) => text) : (data ?? Buffer.alloc(0)),
    metadata: metadata?.length ? fromJson(metadata, () => metadata) : undefined,
  });
  return { position, event };
}

function readAnswerField(field: number, draft: Draft, from: PbfReader): void {
  if (field === 1) from.readMessage(readResolvedField, draft);
}

function readResolvedField(field: number, draft: Draft, from: PbfReader): void {
  if (field !== 1) return;
  draft.isEvent = true;
  from.readMessage(readEventField, draft);
}

function readEventField(field: number, draft: Draft, from: PbfReader): void {
  switch (field) {
    case 1:
      from.readMessage(readIdField, draft);
      break;
    case 2:
      from.readMessage(readStreamField, draft);
      break;
    case 3:
      draft.revision = BigInt(from.readVarint());
      break;
    case 4:
      draft.prepare = BigInt(from.readVarint());
      break;
    case 5:
      draft.commit = BigInt(from.readVarint());
      break;
    case 6:
      readEntryOfMap(draft, from);
      break;
    case 7:
      draft.metadata = bytesIn(from);
      break;
    case 8:
      draft.data = bytesIn(from);
      break;
    default:
  }
}

/** The server may write an id as text or as two numbers. */
function readIdField(field: number, draft: Draft, from: PbfReader): void {
  if (field === 2) draft.id = bytesIn(from).toString('latin1');
  else if (field === 1) draft.id = fromNumbers(from.readBytes());
}

function readStreamField(field: number, draft: Draft, from: PbfReader): void {
  if (field === 3) draft.streamId = bytesIn(from).toString();
}

/** The system's metadata: a map of texts. */
function readEntryOfMap(draft: Draft, from: PbfReader): void {
  const { key, value } = from.readMessage(readTextField, { key: '', value: '' });
  if (key === 'type') draft.type = value;
  else if (key === 'created') draft.created = value;
  else if (key === 'content-type') draft.isJson = value === 'application/json';
}

function readTextField(field: number, entry: { key: string; value: string }, from: PbfReader): void {
  if (field === 1) entry.key = bytesIn(from).toString();
  else if (field === 2) entry.value = bytesIn(from).toString();
}

/** No copy. What is read is a Buffer, and so is a part of it. */
const bytesIn = (from: PbfReader): Buffer => from.readBytes() as Buffer;

/** Units of 100 nanoseconds since 1970, as text. */
const dateOf = (ticks: string): Date => new Date(Number(ticks.slice(0, -4)));

function fromJson(bytes: Buffer | undefined, otherwise: (text: string) => unknown): unknown {
  const text = bytes?.toString() ?? '';
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return otherwise(text);
  }
}
