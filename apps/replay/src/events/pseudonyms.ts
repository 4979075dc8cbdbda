import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { InvitationEvent } from '#libs/invitation';
import { Refused } from '../cli/exit.js';
import type { ReadEvent } from './columns.js';

/** Where the key comes from: whoever has it can tell whose a pseudonym is. */
export const PSEUDONYM_KEY = 'REPLAY_PSEUDONYM_KEY';
const SHORTEST_KEY = 32;

/** Members that are met again and again are hashed once. */
const REMEMBERED = 100_000;

type Replace = (value: string) => string;
type Fields = Readonly<Record<string, unknown>>;

/**
 * Replaces everything by which a member could be told: the same member has the same pseudonym in every export with the
 * same key. Command ids and event ids as well, for those that the service makes are hashes of invitation ids that need
 * no key. Texts are left out, and so is any field that is not known here.
 * @throws Refused for a key that could be guessed
 */
export function pseudonyms(key: string | undefined): (read: ReadEvent) => ReadEvent {
  if (key === undefined || key.length < SHORTEST_KEY) {
    throw new Refused(`${PSEUDONYM_KEY} must be a secret of at least ${SHORTEST_KEY} characters`);
  }
  const known = new LRUCache<string, string>({ max: REMEMBERED });
  const digest = (kind: string, value: string) =>
    createHmac('sha256', key).update(`${kind} ${value}`).digest();
  const remembered =
    (kind: string, make: Replace): Replace =>
    (value) => {
      const name = kind + value;
      const before = known.get(name);
      if (before !== undefined) return before;
      const made = make(value);
      known.set(name, made);
      return made;
    };
  const member = remembered('m', (id) => digest('member', id).toString('base64url', 0, 16));
  const uuid = remembered('u', (id) => asUuid(digest('uuid', id)));
  const invitation = remembered('i', (id) => {
    const dot = id.indexOf('.');
    return dot === -1 ? uuid(id) : `${member(id.slice(0, dot))}.${uuid(id.slice(dot + 1))}`;
  });
  const same: Replace = (value) => value;
  /** What may be told, by the names of fields of data and metadata. */
  const told = new Map<string, Replace>([
    ...['inviterId', 'recipientId', 'accountId', 'memberId', 'operatorId'].map(
      (name) => [name, member] as const,
    ),
    ...['invitationId', 'supersedes', 'through', 'closes', '$correlationId'].map(
      (name) => [name, invitation] as const,
    ),
    ...['commandId', '$causationId'].map((name) => [name, uuid] as const),
    ...['type', 'at', 'via', 'ordinal', 'validUntil', 'schemaVersion'].map((name) => [name, same] as const),
  ]);
  const replaced = (fields: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) => {
        const replace = told.get(name);
        if (replace === undefined) return [];
        return [[name, typeof value === 'string' ? replace(value) : value]];
      }),
    );
  return ({ recorded, event }) => ({
    recorded: {
      ...recorded,
      id: uuid(recorded.id),
      accountId: member(recorded.accountId),
      // It tells the account.
      streamId: '',
      data: replaced(recorded.data as Fields),
      metadata: recorded.metadata && replaced(recorded.metadata as Fields),
    },
    event: event && (replaced(event as unknown as Fields) as unknown as InvitationEvent),
  });
}

/** A UUID of version 8, which is what its maker says (RFC 9562). */
function asUuid(digest: Buffer): string {
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
