import { varintLength } from '../log/byte-writer.js';
import { shared, streams } from './stubs.js';

/** A stored event, and the place at which it is read: its own, or that of a link to it. */
export interface ReadEvent {
  readonly event: Uint8Array | undefined;
  readonly link: Uint8Array | undefined;
  readonly position: number;
}

/** Tags of ReadResp.event, and of ReadEvent's event, link and commit_position. */
const RESPONSE_EVENT = (1 << 3) | 2;
const EVENT = (1 << 3) | 2;
const LINK = (2 << 3) | 2;
const COMMIT_POSITION = 3 << 3;

/** ReadResp with an event, encoded by hand, as this is nine tenths of what the server sends. */
export function encodeReadEvent({ event, link, position }: ReadEvent): Buffer {
  const body = nestedLength(event) + nestedLength(link) + 1 + varintLength(position);
  const bytes = Buffer.allocUnsafe(1 + varintLength(body) + body);
  let at = writeVarint(bytes, writeByte(bytes, 0, RESPONSE_EVENT), body);
  if (event) at = writeNested(bytes, at, EVENT, event);
  if (link) at = writeNested(bytes, at, LINK, link);
  writeVarint(bytes, writeByte(bytes, at, COMMIT_POSITION), position);
  return bytes;
}

/** The stored form has ids as text. No client of ours asks for the other form, so it may be slow. */
export function withStructuredId(wire: Uint8Array): Uint8Array {
  const event = streams.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(wire);
  const hex = event.getId()!.getString().replaceAll('-', '');
  const structured = new shared.UUID.Structured()
    .setMostSignificantBits(signed(hex.slice(0, 16)))
    .setLeastSignificantBits(signed(hex.slice(16)));
  return event.setId(new shared.UUID().setStructured(structured)).serializeBinary();
}

export function confirmation(subscriptionId: string): Buffer {
  const content = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return encoded(new streams.ReadResp().setConfirmation(content));
}

export function checkpoint(position: number): Buffer {
  const content = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(position))
    .setPreparePosition(String(position));
  return encoded(new streams.ReadResp().setCheckpoint(content));
}

export function caughtUp(): Buffer {
  return encoded(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
}

export function streamNotFound(name: string): Buffer {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(name));
  const content = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier);
  return encoded(new streams.ReadResp().setStreamNotFound(content));
}

function encoded(response: streams.ReadResp): Buffer {
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
