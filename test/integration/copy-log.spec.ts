import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { binaryEvent, jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { AuthorTextOpener, AuthorTextSealer, eraseKey, parseWrappingKeys } from '#libs/author-keys';
import {
  AccountRepository,
  closeEventStore,
  connectEventStore,
  decodeEvent,
  readAccountStream,
  streamOf,
  type RawEvent,
} from '#libs/event-store';
import { createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { runTool } from '../support/run-tool.js';
import { ignored, replied, sent } from '../support/story.js';
import { SILENT } from './support/consumer-harness.js';
import { EventStoreUnderControl } from './support/event-store-under-control.js';
import { ofAccount } from './support/projection-harness.js';

const KEYS = `t1:${randomBytes(32).toString('base64url')}`;
const MESSAGE = 'We met at the harbour';
const REPLY = 'I remember the boats';

interface Store {
  readonly server: EventStoreUnderControl;
  readonly client: EventStoreDBClient;
}

let postgres: TestPostgres;
let pool: Pool;
let source: Store;
let target: Store;
const opened: Store[] = [];

async function open(): Promise<Store> {
  const server = await EventStoreUnderControl.startShared();
  const store = { server, client: connectEventStore(server.url) };
  opened.push(store);
  return store;
}

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
});
beforeEach(async () => {
  await pool.query('TRUNCATE read_models.author_keys');
  [source, target] = [await open(), await open()];
});
afterAll(async () => {
  for (const { server, client } of opened) {
    await closeEventStore(client);
    await server.remove();
  }
  await pool.end();
  await postgres.stop();
});

const copy = (keys = KEYS, to = target.server.url) =>
  runTool('projector/src/copy-log.main.js', ['--to', to], {
    env: { DATABASE_URL: postgres.url, EVENTSTORE_URL: source.server.url, TEXT_KEYS: keys },
  });

/** Appends texts as they are. The recipient is in the ids of the account, too. */
const appendPlain = (account: string, revision?: bigint) =>
  new AccountRepository(source.client).append(
    account,
    revision,
    (revision === undefined ? [sent(1, { message: MESSAGE }), replied(2, REPLY)] : [ignored(3)]).map(
      (event) => ofAccount(event, account),
    ),
  );

const read = async ({ client }: Store, account: string) => (await readAccountStream(client, account))!;
const identityOf = ({ id, type, revision, streamId }: RawEvent) => ({ id, type, revision, streamId });

describe('copy-log', () => {
  it('copies every event with its id and revision, and encrypts the texts that were stored as they are', async () => {
    await appendPlain('amal');
    await appendPlain('chiara');
    const sealer = new AuthorTextSealer(pool, parseWrappingKeys(KEYS));
    await new AccountRepository(source.client, undefined, undefined, undefined, sealer).append(
      'dalia',
      undefined,
      [ofAccount(sent(1, { message: MESSAGE }), 'dalia')],
    );
    await source.client.appendToStream(streamOf('dalia'), [
      jsonEvent({ type: 'InvitationPraised', data: { note: 'unknown' }, metadata: { by: 'another app' } }),
      binaryEvent({ type: 'InvitationPraised', data: Buffer.from([0, 1, 2]) }),
    ]);
    await eraseKey(pool, 'chiara');

    expect(await copy()).toMatchObject({
      code: 0,
      out: '7 events were copied, and 4 texts in them encrypted\n',
    });

    const opener = new AuthorTextOpener(parseWrappingKeys(KEYS));
    const texts: Record<string, unknown> = {};
    for (const account of ['amal', 'chiara', 'dalia']) {
      const [before, after] = [await read(source, account), await read(target, account)];
      expect(after.map(identityOf)).toEqual(before.map(identityOf));
      expect(JSON.stringify(after.map(({ data }) => data))).not.toMatch(/harbour|boats/);
      const readable = (await opener.openOrFail(pool, after)).filter(
        ({ type }) => type !== 'InvitationPraised',
      );
      texts[account] = readable.map((raw) => (decodeEvent(raw).event as { message?: string | null }).message);
    }
    expect(texts).toEqual({ amal: [MESSAGE, REPLY], chiara: [null, REPLY], dalia: [MESSAGE] });
    const [, unknown, binary] = await read(target, 'dalia');
    expect(unknown).toMatchObject({ data: { note: 'unknown' }, metadata: { by: 'another app' } });
    expect(Buffer.from(binary!.data as Uint8Array)).toEqual(Buffer.from([0, 1, 2]));
  });

  it('goes on after the last event of an earlier run', async () => {
    await appendPlain('amal');
    expect((await copy()).out).toBe('2 events were copied, and 2 texts in them encrypted\n');
    expect((await copy()).out).toBe('0 events were copied, and 0 texts in them encrypted\n');
    await appendPlain('amal', 1n);
    expect((await copy()).out).toBe('1 events were copied, and 0 texts in them encrypted\n');
    expect((await read(target, 'amal')).map(identityOf)).toEqual(
      (await read(source, 'amal')).map(identityOf),
    );
  });

  it('rejects a target with other events, and wrong usage, and says why', async () => {
    await appendPlain('amal');
    await appendPlain('chiara');
    const others = new AccountRepository(target.client);
    await others.append('chiara', undefined, [ofAccount(sent(9), 'chiara')]);
    expect(await copy()).toMatchObject({
      code: 1,
      err: expect.stringContaining('the target has an event that the source does not have, 0@account-'),
    });
    // The last event is one of a copy, and only a later append finds the other one.
    await others.append('amal', undefined, [ofAccount(sent(1, { message: MESSAGE }), 'amal')]);
    expect(await copy()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/event 0@account-\w\w-chiara cannot be appended, .* is at 0: /),
    });
    expect(await copy(KEYS, source.server.url)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--to is EVENTSTORE_URL'),
    });
    expect((await copy('')).code).toBe(2);
  });
});
