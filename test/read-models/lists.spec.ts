import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createPool, inTransaction, migrate, type Pool } from '#libs/platform';
import { applyRows, type RowProjection } from '#libs/projection';
import {
  archiveProjection,
  findArchive,
  findInbox,
  findOutcomes,
  findRecipients,
  findSent,
  inboxProjection,
  InvalidCursor,
  readModelMigrations,
  saveMembers,
  sentProjection,
  storeOutcomes,
  type Page,
} from '#libs/read-models';
import type { InvitationEvent } from '#libs/invitation';
import { postgresUnderTest } from '../support/postgres.js';
import { AMAL, BILAL, id, ignored, INVITATION, minute, sent } from '../support/story.js';

describe('the lists in PostgreSQL', () => {
  const logger = createLogger('test', 'silent');
  let server: Awaited<ReturnType<typeof postgresUnderTest>>;
  let pool: Pool;

  beforeAll(async () => {
    server = await postgresUnderTest();
    pool = createPool({ url: server.url, app: 'test' }, logger);
    await migrate(pool, readModelMigrations, logger);
    await migrate(pool, readModelMigrations, logger);
  });

  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });

  const apply = <Row extends object>(
    projection: RowProjection<InvitationEvent, Row>,
    ...events: InvitationEvent[]
  ) => inTransaction(pool, (tx) => applyRows(tx, projection, 1, events));

  const member = (memberId: string) => ({
    id: memberId,
    name: `Name of ${memberId}`,
    headline: 'Headline',
    profileUrl: `https://network.example/in/${memberId}`,
    email: `${memberId}@network.example`,
    takesInvitations: true,
  });

  it('shows an invitation with its inviter, without their address, and again with their new name', async () => {
    await inTransaction(pool, (tx) => saveMembers(tx, new Map([[AMAL, member(AMAL)]])));
    const invitation = sent(1, { message: 'Hi' });
    await apply(inboxProjection, invitation);
    await apply(archiveProjection, invitation);
    await apply(sentProjection, invitation);
    const item = { invitationId: INVITATION, message: 'Hi', sentAt: minute(1) };
    const { email: _email, takesInvitations: _takes, ...inviter } = member(AMAL);
    expect(await findInbox(pool, BILAL, { limit: 10 })).toEqual({ items: [{ ...item, inviter }] });
    expect(await findArchive(pool, BILAL, { limit: 10 })).toEqual({ items: [] });
    // The recipient's profile is not known here: they are named by their id.
    const recipient = { id: BILAL, name: BILAL };
    expect(await findSent(pool, AMAL, { limit: 10 })).toEqual({
      items: [{ ...item, recipient, status: 'pending' }],
    });
    expect(await findInbox(pool, AMAL, { limit: 10 })).toEqual({ items: [] });

    await inTransaction(pool, (tx) => saveMembers(tx, new Map([[AMAL, { ...member(AMAL), name: 'New' }]])));
    await apply(archiveProjection, ignored(2));
    const archive = await findArchive(pool, BILAL, { limit: 10 });
    expect(archive.items.map(({ inviter: { name } }) => name)).toEqual(['New']);
    await inTransaction(pool, (tx) => saveMembers(tx, new Map([[AMAL, null]])));
    expect((await findArchive(pool, BILAL, { limit: 10 })).items[0]?.inviter.name).toBe(AMAL);
  });

  it('pages through equal times without skipping or repeating, newest first', async () => {
    const events = Array.from({ length: 25 }, (_, n) =>
      // Three times only, so that most of the order rests on the id.
      sent(100 + n, { recipientId: 'reader', at: minute(n % 3) }),
    );
    await apply(inboxProjection, ...events);
    const seen: { invitationId: string; sentAt: string }[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<{ invitationId: string; sentAt: string }> = await findInbox(pool, 'reader', {
        limit: 7,
        cursor,
      });
      seen.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    const expected = events
      .toSorted((a, b) => b.at.localeCompare(a.at) || b.invitationId.localeCompare(a.invitationId))
      .map(({ invitationId }) => invitationId);
    expect(seen.map(({ invitationId }) => invitationId)).toEqual(expected);
  });

  it.each(['', 'x', 'bm90IGEgY3Vyc29y', Buffer.from('2026-01-05 a').toString('base64url')])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(findInbox(pool, BILAL, { limit: 7, cursor })).rejects.toThrow(InvalidCursor);
    },
  );

  it('D10: the first outcome of a command stands, whoever comes later', async () => {
    const first = { commandId: id(1), actorId: AMAL, refusal: 'LIMIT_REACHED' };
    const other = { commandId: id(2), actorId: AMAL };
    expect(await storeOutcomes(pool, [first], minute(1))).toEqual(new Map([[id(1), first]]));
    const stands = await storeOutcomes(pool, [{ commandId: id(1), actorId: AMAL }, other], minute(2));
    expect(stands).toEqual(
      new Map<string, object>([
        [id(1), first],
        [id(2), other],
      ]),
    );
    expect(await findOutcomes(pool, [id(1), id(3)])).toEqual(new Map([[id(1), first]]));
  });

  it('finds what deciding needs to know of recipients', async () => {
    const closed = { ...member('closed'), takesInvitations: false };
    await inTransaction(pool, (tx) => saveMembers(tx, new Map([['closed', closed]])));
    expect(await findRecipients(pool, ['closed', 'nobody'])).toEqual(
      new Map([['closed', { email: closed.email, takesInvitations: false }]]),
    );
  });
});
