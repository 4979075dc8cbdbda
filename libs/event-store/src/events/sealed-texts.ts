import type { InvitationEvent } from '#libs/invitation';
import type { RawEvent } from './raw-event.js';

/*
 * A message or a reply is encrypted with a key of its author. The stored event then has `sealedMessage` instead of `message`:
 * the ciphertext, or null if the author was erased already when the event was appended. This library knows where a text is; the
 * keys are those of libs/author-keys (docs/adr/0020).
 */

/** Which text of which event: a ciphertext is bound to it. */
export interface TextContext {
  readonly authorId: string;
  readonly streamId: string;
  readonly eventId: string;
  readonly field: 'message';
}

/** Encrypts a text; null if its author was erased. */
export type SealText = (text: string, context: TextContext) => string | null;

/** Loads the keys of authors, for an append. */
export interface TextSealer {
  /** @returns what encrypts texts of these authors, and of no others */
  load(authorIds: readonly string[]): Promise<SealText>;
}

/** The types of events that have a text. */
export type EventWithText = Extract<InvitationEvent, { type: 'InvitationSent' | 'InvitationReplied' }>;

export const mayHaveText = (event: InvitationEvent): event is EventWithText =>
  event.type === 'InvitationSent' || event.type === 'InvitationReplied';

/** The member who wrote the text of an event: the inviter a message, the recipient a reply. */
export const authorOf = (event: EventWithText): string =>
  event.type === 'InvitationSent' ? event.inviterId : event.recipientId;

/** The authors of the texts of events, each once. */
export function authorsOf(events: readonly InvitationEvent[]): string[] {
  const authors = new Set<string>();
  for (const event of events)
    if (mayHaveText(event) && typeof event.message === 'string') authors.add(authorOf(event));
  return [...authors];
}

/** An encrypted text of a stored event. */
export interface SealedText {
  /** Null if there is nothing left to decrypt. */
  readonly sealed: string | null;
  readonly context: TextContext;
}

const AUTHOR_FIELDS: ReadonlyMap<string, string> = new Map([
  ['InvitationSent', 'inviterId'],
  ['InvitationReplied', 'recipientId'],
]);

/** @returns the encrypted text of an event that is not decoded; undefined if it has none, or is malformed */
export function sealedTextOf({ id, type, streamId, data }: RawEvent): SealedText | undefined {
  const authorField = AUTHOR_FIELDS.get(type);
  if (authorField === undefined || typeof data !== 'object' || data === null) return undefined;
  const { sealedMessage: sealed, [authorField]: authorId } = data as Readonly<Record<string, unknown>>;
  if ((typeof sealed !== 'string' && sealed !== null) || typeof authorId !== 'string') return undefined;
  return { sealed, context: { authorId, streamId, eventId: id, field: 'message' } };
}

/** @returns the event with its decrypted text, which `decodeEvent` then takes; null if it cannot be read */
export const withText = (event: RawEvent, text: string | null): RawEvent => ({ ...event, text });
