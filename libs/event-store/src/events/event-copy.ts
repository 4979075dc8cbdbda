import { binaryEvent, jsonEvent, type EventData, type JSONType } from '@eventstore/db-client';
import { currentVersion } from '#libs/invitation';
import {
  decodeInvitationEvent,
  withSealedText,
  authorOf,
  mayHaveText,
  sealedTextOf,
  type EventWithText,
  type SealText,
} from './event-codec.js';
import type { RawEvent } from './raw-event.js';

/** The author of a text that an event has as it is; undefined if the event has none, or an encrypted one, or cannot be read. */
export function plainAuthorOf(raw: RawEvent): string | undefined {
  const event = eventWithPlainText(raw);
  return event && authorOf(event);
}

/**
 * A stored event for an append to another log: with its text encrypted, if it has one as it is, and else unchanged. It keeps its id. An
 * event that cannot be read is copied as it is.
 */
export function toEventCopy(raw: RawEvent, seal: SealText): EventData {
  const { id, type, data, metadata, accountId } = raw;
  const event = eventWithPlainText(raw);
  if (event !== undefined) {
    return jsonEvent({
      id,
      type,
      data: withSealedText(event, id, accountId, seal),
      metadata: { ...(metadata as Record<string, unknown>), schemaVersion: currentVersion(event.type) },
    });
  }
  const stored = metadata as JSONType;
  return data instanceof Uint8Array
    ? binaryEvent({ id, type, data, metadata: stored })
    : jsonEvent({ id, type, data: data as JSONType, metadata: stored });
}

function eventWithPlainText(raw: RawEvent): EventWithText | undefined {
  if (sealedTextOf(raw) !== undefined) return undefined;
  try {
    const event = decodeInvitationEvent(raw);
    return mayHaveText(event) && typeof event.message === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}
