import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CliError } from '#libs/cli';
import type { InvitationEvent } from '#libs/invitation';
import type { DecodedEvent } from './event-columns.js';

/** The variable that holds the key. Anybody who has the key can check whether a pseudonym belongs to a given member. */
export const PSEUDONYM_KEY = 'REPLAY_PSEUDONYM_KEY';
const MIN_KEY_LENGTH = 32;

/** Most events are about ids that occurred before, so hashes are cached. */
const MAX_CACHED = 100_000;

type Replace = (value: string) => string;
type Fields = Readonly<Record<string, unknown>>;

/**
 * Creates a function that replaces every id that could identify a member. A member has the same pseudonym in every export
 * with the same key. Command ids and event ids are replaced too, because some of them are unkeyed hashes of invitation ids.
 * Texts and unknown fields are removed.
 * @throws CliError if the key is missing or short enough to be guessed
 */
export function createPseudonymizer(key: string | undefined): (event: DecodedEvent) => DecodedEvent {
  if (key === undefined || key.length < MIN_KEY_LENGTH) {
    throw new CliError(`${PSEUDONYM_KEY} must be a secret of at least ${MIN_KEY_LENGTH} characters`);
  }
  const cache = new LRUCache<string, string>({ max: MAX_CACHED });
  const digest = (kind: string, value: string) =>
    createHmac('sha256', key).update(`${kind} ${value}`).digest();
  const cached =
    (kind: string, hash: Replace): Replace =>
    (value) => {
      const name = kind + value;
      const known = cache.get(name);
      if (known !== undefined) return known;
      const pseudonym = hash(value);
      cache.set(name, pseudonym);
      return pseudonym;
    };
  const member = cached('m', (id) => digest('member', id).toString('base64url', 0, 16));
  const uuid = cached('u', (id) => toUuid(digest('uuid', id)));
  const invitation = cached('i', (id) => {
    const dot = id.indexOf('.');
    return dot === -1 ? uuid(id) : `${member(id.slice(0, dot))}.${uuid(id.slice(dot + 1))}`;
  });
  const unchanged: Replace = (value) => value;
  /** The fields of data and metadata that are exported. */
  const exported = new Map<string, Replace>([
    ...['inviterId', 'recipientId', 'accountId', 'memberId', 'leaverId', 'operatorId'].map(
      (name) => [name, member] as const,
    ),
    ...['invitationId', 'supersedes', 'through', 'closes', '$correlationId'].map(
      (name) => [name, invitation] as const,
    ),
    ...['commandId', '$causationId'].map((name) => [name, uuid] as const),
    ...['type', 'at', 'via', 'ordinal', 'validUntil', 'schemaVersion'].map(
      (name) => [name, unchanged] as const,
    ),
  ]);
  /** Another service may have stored data of any shape: only texts and numbers are exported. */
  const replaceFields = (fields: unknown): Fields =>
    Object.fromEntries(
      Object.entries(typeof fields === 'object' && fields !== null ? fields : {}).flatMap(
        ([name, value]: [string, unknown]): [string, unknown][] => {
          const replace = exported.get(name);
          if (replace === undefined) return [];
          if (typeof value === 'number') return [[name, value]];
          return typeof value === 'string' ? [[name, replace(value)]] : [];
        },
      ),
    );
  return ({ raw, event }) => ({
    raw: {
      ...raw,
      id: uuid(raw.id),
      accountId: member(raw.accountId),
      // The name of the stream contains the member's id.
      streamId: '',
      data: replaceFields(raw.data),
      metadata: raw.metadata && replaceFields(raw.metadata),
    },
    event: event && (replaceFields(event) as unknown as InvitationEvent),
  });
}

/** Formats a digest as a UUID of version 8, whose content its creator may choose (RFC 9562). */
function toUuid(digest: Buffer): string {
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
