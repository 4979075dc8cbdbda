import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import {
  AuthorTextOpener,
  AuthorTextSealer,
  eraseKey,
  findErased,
  parseWrappingKeys,
} from '#libs/author-keys';
import { AccountRepository, decodeEvent, readAccountStream } from '#libs/event-store';
import { createPool, type Pool } from '#libs/platform';
import { tableSink } from '#libs/projection';
import { inboxProjection, sentProjection } from '#libs/read-models';
import { replied, sent } from '../../support/story.js';
import { until } from '../../support/until.js';
import { SILENT } from '../support/consumer-harness.js';
import { ProjectionHarness } from '../support/projection-harness.js';

const KEYS = parseWrappingKeys(`t1:${randomBytes(32).toString('base64url')}`);

let harness: ProjectionHarness;
let pool: Pool;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
  pool = createPool({ url: harness.databaseUrl, app: 'test' }, SILENT);
});
afterAll(async () => {
  await pool.end();
  await harness.close();
});

describe('a worker that still has the key of an erased member in its cache', () => {
  it('writes neither rows of the member nor their texts in rows of others', async () => {
    const opener = new AuthorTextOpener(KEYS);
    const repository = new AccountRepository(
      harness.client,
      undefined,
      undefined,
      undefined,
      new AuthorTextSealer(pool, KEYS),
    );
    const invite = (inviterId: string, recipientId: string, n: number) => ({
      ...sent(n, { message: `Hi by ${inviterId}` }),
      inviterId,
      recipientId,
      invitationId: `${inviterId}.00000000-0000-4000-8000-00000000000${n}`,
    });
    const fromAmal = invite('amal', 'bilal', 1);
    const fromBilal = invite('bilal', 'amal', 2);
    const replyOfAmal = { ...replied(3, 'Reply by amal'), ...fromBilal, type: 'InvitationReplied' as const };
    const last = invite('bilal', 'chiara', 4);
    await repository.append('amal', undefined, [fromAmal]);
    await repository.append('bilal', undefined, [
      fromBilal,
      { ...replyOfAmal, message: 'Reply by amal', commandId: replied(3, '').commandId },
      last,
    ]);
    for (const account of ['amal', 'bilal']) {
      const opened = await opener.open(pool, (await readAccountStream(harness.client, account))!);
      expect(JSON.stringify(opened.map((raw) => decodeEvent(raw).event))).toContain('by amal');
    }
    await eraseKey(pool, 'amal');
    for (const projection of [inboxProjection, sentProjection]) {
      const prepare = opener.openOrFail.bind(opener);
      harness.workFor(
        projection.name,
        tableSink(projection as typeof sentProjection, (raw) => decodeEvent(raw).event, prepare, findErased),
      );
    }
    const read = async (table: string) =>
      (await pool.query<Record<string, unknown>>(`SELECT * FROM read_models.${table} ORDER BY invitation_id`))
        .rows;
    const has = async (table: string, id: string) =>
      (await read(table)).some((row) => row['invitation_id'] === id);
    await until(
      async () =>
        (await has('inbox', fromAmal.invitationId)) &&
        (await has('inbox', last.invitationId)) &&
        (await has('sent', last.invitationId)),
      20_000,
      'rows of the others',
    );
    expect(await read('inbox')).toMatchObject([
      { inviter_id: 'amal', recipient_id: 'bilal', message: null },
      { inviter_id: 'bilal', recipient_id: 'chiara', message: 'Hi by bilal' },
    ]);
    expect(await read('sent')).toMatchObject([
      { inviter_id: 'bilal', recipient_id: 'amal', message: 'Hi by bilal', status: 'replied', reply: null },
      { inviter_id: 'bilal', recipient_id: 'chiara', message: 'Hi by bilal' },
    ]);
  });
});
