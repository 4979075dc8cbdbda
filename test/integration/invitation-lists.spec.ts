import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createPool, inTransaction, migrate, type Pool } from '#libs/platform';
import { findRecipients, saveMembers } from '#libs/profiles';
import { applyRows, type RowProjection } from '#libs/projection';
import {
  archiveProjection,
  findArchive,
  findInbox,
  findSent,
  inboxProjection,
  InvalidCursorError,
  readModelMigrations,
  sentProjection,
  type Page,
} from '#libs/read-models';
import type { InvitationEvent } from '#libs/invitation';
import { openTestPostgres } from '../support/postgres.js';
import { AMAL, BILAL, ignored, INVITATION, minute, replied, sent } from '../support/story.js';

describe('the invitation lists in PostgreSQL', () => {
  const logger = createLogger('test', 'silent');
  let server: Awaited<ReturnType<typeof openTestPostgres>>;
  let pool: Pool;

  beforeAll(async () => {
    server = await openTestPostgres();
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

  it("contain the inviter's name without their address, and their new name after a change", async () => {
    await inTransaction(pool, (tx) => saveMembers(tx, new Map([[AMAL, member(AMAL)]])));
    const invitation = sent(1, { message: 'Hi' });
    await apply(inboxProjection, invitation);
    await apply(archiveProjection, invitation);
    await apply(sentProjection, invitation);
    const item = { invitationId: INVITATION, message: 'Hi', sentAt: minute(1) };
    const { email: _email, takesInvitations: _takes, ...inviter } = member(AMAL);
    expect(await findInbox(pool, BILAL, { limit: 10 })).toEqual({ items: [{ ...item, inviter }] });
    expect(await findArchive(pool, BILAL, { limit: 10 })).toEqual({ items: [] });
    // The recipient has no profile here, so their id is shown.
    const recipient = { id: BILAL, name: BILAL };
    expect(await findSent(pool, AMAL, { limit: 10 })).toEqual({
      items: [{ ...item, recipient, status: 'pending' }],
    });
    expect(await findInbox(pool, AMAL, { limit: 10 })).toEqual({ items: [] });
    await apply(sentProjection, replied(2));
    const answered = { status: 'replied', reply: 'Who are you?', repliedAt: minute(2) };
    expect(await findSent(pool, AMAL, { limit: 10 })).toEqual({
      items: [{ ...item, recipient, ...answered }],
    });

    await inTransaction(pool, (tx) => saveMembers(tx, new Map([[AMAL, { ...member(AMAL), name: 'New' }]])));
    await apply(archiveProjection, ignored(2));
    const archive = await findArchive(pool, BILAL, { limit: 10 });
    expect(archive.items.map(({ inviter: { name } }) => name)).toEqual(['New']);
    await inTransaction(pool, (tx) => saveMembers(tx, new Map([[AMAL, null]])));
    expect((await findArchive(pool, BILAL, { limit: 10 })).items[0]?.inviter.name).toBe(AMAL);
  });

  it('are paged without skipping or repeating equal times, newest first', async () => {
    const events = Array.from({ length: 25 }, (_, n) =>
      // Only three different times, so that the id mostly decides the order.
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
    'reject the cursor %j',
    async (cursor) => {
      await expect(findInbox(pool, BILAL, { limit: 7, cursor })).rejects.toThrow(InvalidCursorError);
    },
  );

  it('provide the facts about recipients that a decision needs', async () => {
    const closed = { ...member('closed'), takesInvitations: false };
    await inTransaction(pool, (tx) => saveMembers(tx, new Map([['closed', closed]])));
    expect(await findRecipients(pool, ['closed', 'nobody'])).toEqual(
      new Map([['closed', { email: closed.email, takesInvitations: false }]]),
    );
  });
});
