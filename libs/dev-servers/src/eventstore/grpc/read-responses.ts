import { varintLength } from '../log/byte-writer.js';
import { decodeEventData } from '../protocol/recorded-event.js';
import { shared, streams } from '../protocol/stubs.js';
import { StreamDeletedError } from '../store/check-append.js';
import type { EventStore } from '../store/event-store.js';
import type { ReadRequest } from './read-request.js';

/** @returns a function that encodes the response with the event of an ordinal, in the form that the request asks for */
export function createEventEncoder(
  store: EventStore,
  { resolvesLinks, structuredIds }: Pick<ReadRequest, 'resolvesLinks' | 'structuredIds'>,
): (ordinal: number) => Buffer {
  const read = store.createReader();
  const convert = structuredIds ? withStructuredId : (wire: Uint8Array) => wire;
  return (ordinal) => {
    const position = store.index.events.position(ordinal);
    if (!resolvesLinks || !isLink(store, ordinal)) {
      return encodeReadEvent({ event: convert(read(ordinal)), link: undefined, position });
    }
    // Copied, because the next read reuses the bytes.
    const link = Uint8Array.from(read(ordinal));
    const target = resolveLink(store, link);
    const event = target === undefined ? undefined : convert(read(target));
    return encodeReadEvent({ event, link: convert(link), position });
  };
}

const LINK_TYPE = '$>';
/** A link's data: the revision and the stream of the event that it points to. */
const LINK_TARGET = /^(\d+)@(.+)$/s;

function isLink({ index }: EventStore, ordinal: number): boolean {
  return index.events.type(ordinal) === index.typeNumber(LINK_TYPE);
}

/** @returns the ordinal of the event that a link points to, or undefined when that event does not exist or is deleted */
function resolveLink(store: EventStore, link: Uint8Array): number | undefined {
  const target = LINK_TARGET.exec(Buffer.from(decodeEventData(link)).toString('utf8'));
  if (!target) return undefined;
  try {
    const range = store.readableRange(target[2]!);
    const revision = Number(target[1]);
    return range && revision >= range.first && revision < range.end
      ? range.stream.ordinals[revision]
      : undefined;
  } catch (error) {
    if (error instanceof StreamDeletedError) return undefined;
    throw error;
  }
}

interface ReadEvent {
  readonly event: Uint8Array | undefined;
  readonly link: Uint8Array | undefined;
  /** The event's own position, or that of the link that was read. */
  readonly position: number;
}

/** Tags of ReadResp.event, and of ReadEvent's event, link and commit_position. */
const RESPONSE_EVENT = (1 << 3) | 2;
const EVENT = (1 << 3) | 2;
const LINK = (2 << 3) | 2;
const COMMIT_POSITION = 3 << 3;

/** A ReadResp with an event. Encoded by hand, because nine tenths of the server's responses are these. */
function encodeReadEvent({ event, link, position }: ReadEvent): Buffer {
  const body = nestedLength(event) + nestedLength(link) + 1 + varintLength(position);
  const bytes = Buffer.allocUnsafe(1 + varintLength(body) + body);
  let at = writeVarint(bytes, writeByte(bytes, 0, RESPONSE_EVENT), body);
  if (event) at = writeNested(bytes, at, EVENT, event);
  if (link) at = writeNested(bytes, at, LINK, link);
  writeVarint(bytes, writeByte(bytes, at, COMMIT_POSITION), position);
  return bytes;
}

/** Stored events hold ids as text. The conversion is slow, which is fine: @eventstore/db-client never asks for it. */
function withStructuredId(wire: Uint8Array): Uint8Array {
  const event = streams.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(wire);
  const hex = event.getId()!.getString().replaceAll('-', '');
  const structured = new shared.UUID.Structured()
    .setMostSignificantBits(signed(hex.slice(0, 16)))
    .setLeastSignificantBits(signed(hex.slice(16)));
  return event.setId(new shared.UUID().setStructured(structured)).serializeBinary();
}

export function encodeConfirmation(subscriptionId: string): Buffer {
  const content = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return encode(new streams.ReadResp().setConfirmation(content));
}

export function encodeCheckpoint(position: number): Buffer {
  const content = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(position))
    .setPreparePosition(String(position));
  return encode(new streams.ReadResp().setCheckpoint(content));
}

export function encodeCaughtUp(): Buffer {
  return encode(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
}

export function encodeStreamNotFound(name: string): Buffer {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(name));
  const content = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier);
  return encode(new streams.ReadResp().setStreamNotFound(content));
}

function encode(response: streams.ReadResp): Buffer {
  return Buffer.from(response.serializeBinary());
}

function nestedLength(message: Uint8Array | undefined): number {
  return message ? 1 + varintLength(message.length) + message.length : 0;
}

function writeNested(bytes: Buffer, at: number, tag: number, message: Uint8Array): number {
  const start = writeVarint(bytes, writeByte(bytes, at, tag), message.length);
  bytes.set(message, start);
  return start + message.length;
}

function writeByte(bytes: Buffer, at: number, byte: number): number {
  bytes[at] = byte;
  return at + 1;
}

function writeVarint(bytes: Buffer, from: number, value: number): number {
  let at = from;
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  return writeByte(bytes, at, rest);
}

function signed(hex: string): string {
  return BigInt.asIntN(64, BigInt(`0x${hex}`)).toString();
}
