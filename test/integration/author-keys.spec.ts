import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  AuthorKeyCache,
  AuthorTextOpener,
  AuthorTextSealer,
  countKeys,
  eraseKey,
  findStoredKeys,
  parseWrappingKeys,
  rewrapKeys,
  WrappingKeyMissingError,
} from '#libs/author-keys';
import { AccountRepository, decodeEvent, readAccountStream, type RawEvent } from '#libs/event-store';
import { createPool, type Pool } from '#libs/platform';
import { tableSink } from '#libs/projection';
import { sentProjection } from '#libs/read-models';
import { replied, sent } from '../support/story.js';
import { until } from '../support/until.js';
import { SILENT } from './support/consumer-harness.js';
import { ProjectionHarness } from './support/projection-harness.js';

const secret = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const [FIRST, SECOND] = [secret('t1'), secret('t2')];
const KEYS = parseWrappingKeys(FIRST);

let harness: ProjectionHarness;
let pool: Pool;
let accounts = 0;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
  pool = createPool({ url: harness.databaseUrl, app: 'test' }, SILENT);
});
afterAll(async () => {
  await pool.end();
  await harness.close();
});

/** A message of a new inviter, and a reply of a new recipient, in the inviter's stream. */
async function appendConversation(sealer: AuthorTextSealer | undefined) {
  accounts += 1;
  const inviterId = `inviter-${accounts}`;
  const recipientId = `recipient-${accounts}`;
  const of = { inviterId, recipientId, invitationId: `${inviterId}.${randomUUID()}` };
  const repository = new AccountRepository(harness.client, undefined, undefined, undefined, sealer);
  await repository.append(inviterId, undefined, [
    { ...sent(1, { message: 'Hi 🙂' }), ...of },
    { ...replied(2, 'Who are you?'), ...of },
  ]);
  const events = (await readAccountStream(harness.client, inviterId))!;
  return { inviterId, recipientId, events };
}

const messagesOf = (events: readonly RawEvent[]) =>
  events.map((event) => (decodeEvent(event).event as { message?: string | null }).message);

async function open(opener: AuthorTextOpener, events: readonly RawEvent[]) {
  const reasons: string[] = [];
  const opened = await opener.open(pool, events, (_event, reason) => reasons.push(reason));
  return { texts: messagesOf(opened), reasons };
}

describe('texts of events', () => {
  it('are stored as ciphertexts in version 2, and read with the keys of their authors', async () => {
    const { events, inviterId, recipientId } = await appendConversation(new AuthorTextSealer(pool, KEYS));
    expect(JSON.stringify(events.map(({ data }) => data))).not.toMatch(/Hi 🙂|Who are you/u);
    expect(events.map(({ metadata }) => metadata)).toEqual([
      expect.objectContaining({ schemaVersion: 2 }),
      expect.objectContaining({ schemaVersion: 2 }),
    ]);
    expect(messagesOf(events)).toEqual([null, null]);
    expect(await open(new AuthorTextOpener(KEYS), events)).toEqual({
      texts: ['Hi 🙂', 'Who are you?'],
      reasons: [],
    });
    expect([...(await findStoredKeys(pool, [inviterId, recipientId])).keys()].toSorted()).toEqual([
      inviterId,
      recipientId,
    ]);
  });

  it('are stored as they are in version 1 without a sealer, so that the version before can read them', async () => {
    const { events } = await appendConversation(undefined);
    expect(events.map(({ metadata }) => metadata)).toEqual([
      expect.objectContaining({ schemaVersion: 1 }),
      expect.objectContaining({ schemaVersion: 1 }),
    ]);
    expect(await open(new AuthorTextOpener(KEYS), events)).toEqual({
      texts: ['Hi 🙂', 'Who are you?'],
      reasons: [],
    });
  });

  it('are null for an erased author, and for nobody else', async () => {
    const { events, inviterId } = await appendConversation(new AuthorTextSealer(pool, KEYS));
    expect(await eraseKey(pool, inviterId)).toBe(true);
    expect(await open(new AuthorTextOpener(KEYS), events)).toEqual({
      texts: [null, 'Who are you?'],
      reasons: ['erased'],
    });
    expect(await eraseKey(pool, inviterId)).toBe(false);
  });

  it('of an erased author are not stored, not even as a ciphertext', async () => {
    const erased = `inviter-${accounts + 1}`;
    await eraseKey(pool, erased);
    const { events, inviterId } = await appendConversation(new AuthorTextSealer(pool, KEYS));
    expect(inviterId).toBe(erased);
    expect(events[0]!.data).toMatchObject({ sealedMessage: null });
    expect((await open(new AuthorTextOpener(KEYS), events)).texts).toEqual([null, 'Who are you?']);
  });

  it('stop being readable within a minute in a process that has used the key', async () => {
    const { events, inviterId } = await appendConversation(new AuthorTextSealer(pool, KEYS));
    let now = 0;
    const clock = () => now;
    const opener = new AuthorTextOpener(KEYS, new AuthorKeyCache(clock), clock);
    await open(opener, events);
    await eraseKey(pool, inviterId);
    now = 59_999;
    expect((await open(opener, events)).texts).toEqual(['Hi 🙂', 'Who are you?']);
    now = 60_000;
    expect((await open(opener, events)).texts).toEqual([null, 'Who are you?']);
  });

  it('are unreadable, and not taken for erased, if the key is missing or was replaced', async () => {
    const { events, inviterId, recipientId } = await appendConversation(new AuthorTextSealer(pool, KEYS));
    await pool.query('DELETE FROM read_models.author_keys WHERE author_id IN ($1, $2)', [
      inviterId,
      recipientId,
    ]);
    await new AuthorTextSealer(pool, KEYS).load([recipientId]);
    expect(await open(new AuthorTextOpener(KEYS), events)).toEqual({
      texts: [null, null],
      reasons: ['missing', 'damaged'],
    });
  });

  it('are an error without the key that wraps the keys of their authors', async () => {
    const { events } = await appendConversation(new AuthorTextSealer(pool, KEYS));
    await expect(open(new AuthorTextOpener(parseWrappingKeys(SECOND)), events)).rejects.toThrow(
      WrappingKeyMissingError,
    );
  });
});

describe('AuthorTextSealer', () => {
  it('creates one key for an author whom many processes meet at once', async () => {
    const authors = Array.from({ length: 50 }, (_, n) => `met-${n}`);
    const sealers = Array.from({ length: 8 }, () => new AuthorTextSealer(pool, KEYS));
    const seals = await Promise.all(
      sealers.map((sealer, n) => sealer.load(n % 2 === 0 ? authors : authors.toReversed())),
    );
    const { events } = await appendConversation(undefined);
    for (const authorId of authors) {
      const raw = seals.map((seal) => {
        const context = { authorId, streamId: 'account-00-x', eventId: 'e', field: 'message' } as const;
        return {
          ...events[0]!,
          id: 'e',
          streamId: 'account-00-x',
          data: { ...(events[0]!.data as object), inviterId: authorId, sealedMessage: seal('Hi', context) },
        };
      });
      expect((await open(new AuthorTextOpener(KEYS), raw)).reasons).toEqual([]);
    }
  });

  it('runs two statements for a batch of new authors, one for known ones, and none for those in its cache', async () => {
    let statements = 0;
    const counting = {
      query: (...asked: Parameters<Pool['query']>) => {
        statements += 1;
        return pool.query(...asked);
      },
    } as unknown as Pool;
    const count = async (sealer: AuthorTextSealer, authors: readonly string[]) => {
      statements = 0;
      await sealer.load(authors);
      return statements;
    };
    const authors = Array.from({ length: 1_000 }, (_, n) => `batch-${n}`);
    const sealer = new AuthorTextSealer(counting, KEYS);
    expect(await count(sealer, authors)).toBe(2);
    expect(await count(sealer, authors)).toBe(0);
    expect(await count(new AuthorTextSealer(counting, KEYS), authors)).toBe(1);
    expect(await count(sealer, [])).toBe(0);
  });
});

describe('rewrapKeys', () => {
  it('wraps every key with the first wrapping key, and leaves erased ones erased', async () => {
    const { events, recipientId } = await appendConversation(new AuthorTextSealer(pool, KEYS));
    await eraseKey(pool, recipientId);
    const both = parseWrappingKeys(`${SECOND},${FIRST}`);
    while ((await rewrapKeys(pool, both, 7)) > 0);
    expect([...(await countKeys(pool)).keys()]).toEqual(['t2']);
    expect(await open(new AuthorTextOpener(parseWrappingKeys(SECOND)), events)).toEqual({
      texts: ['Hi 🙂', null],
      reasons: ['erased'],
    });
    const back = parseWrappingKeys(`${FIRST},${SECOND}`);
    while ((await rewrapKeys(pool, back, 1_000)) > 0);
  });
});

describe('a projection of texts', () => {
  it('writes the texts, null for an erased author, and parks an account whose key is missing', async () => {
    const sealer = new AuthorTextSealer(pool, KEYS);
    const [readable, erased, missing] = [
      await appendConversation(sealer),
      await appendConversation(sealer),
      await appendConversation(sealer),
    ];
    await eraseKey(pool, erased.inviterId);
    await pool.query('DELETE FROM read_models.author_keys WHERE author_id = $1', [missing.inviterId]);
    const opener = new AuthorTextOpener(KEYS);
    const sink = tableSink(sentProjection, (raw) => decodeEvent(raw).event, opener.openOrFail.bind(opener));
    harness.workFor('sent', sink);
    const rowOf = async ({ inviterId }: { readonly inviterId: string }) =>
      (
        await pool.query<{ message: string | null; reply: string | null }>(
          'SELECT message, reply FROM read_models.sent WHERE inviter_id = $1',
          [inviterId],
        )
      ).rows[0];
    await until(async () => (await rowOf(erased))?.reply === 'Who are you?', 20_000, 'rows of sent');
    expect(await rowOf(readable)).toEqual({ message: 'Hi 🙂', reply: 'Who are you?' });
    expect(await rowOf(erased)).toEqual({ message: null, reply: 'Who are you?' });
    const parked = async () =>
      (
        await pool.query<{ error: string }>(
          'SELECT error FROM read_models.parked_accounts WHERE account_id = $1',
          [missing.inviterId],
        )
      ).rows;
    await until(async () => (await parked()).length > 0, 20_000, 'a parked account');
    expect((await parked())[0]!.error).toContain('the database has no key of its author');
    const { rows: events } = await pool.query<{ event: string }>(
      'SELECT event::text FROM read_models.parked_events WHERE account_id = $1',
      [missing.inviterId],
    );
    expect(events.map(({ event }) => event).join()).not.toMatch(/Hi 🙂|Who are you/u);
  });
});
