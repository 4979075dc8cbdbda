import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createPool, inTransaction, migrate, type Pool } from '#libs/platform';
import { findMemberFacts, saveMembers } from '#libs/profiles';
import { applyRows, type RowProjection } from '#libs/projection';
import {
  archiveProjection,
  findArchive,
  findInbox,
  findInboxNews,
  findInvitationListState,
  findMemberOverview,
  findRelatedMember,
  findSent,
  findVisibleProfile,
  inboxProjection,
  InvalidCursorError,
  readModelMigrations,
  sentProjection,
  type Page,
} from '#libs/read-models';
import type { InvitationEvent } from '#libs/invitation';
import { openTestPostgres } from '../support/postgres.js';
import { AMAL, BILAL, id, ignored, INVITATION, minute, replied, sent } from '../support/story.js';

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

  describe('with restored invitations (D20)', () => {
    const RECIPIENT = 'returner';
    const events = Array.from({ length: 24 }, (_, n) =>
      sent(200 + n, { recipientId: RECIPIENT, at: minute(n % 3), message: `message ${n % 4}` }),
    );
    const about = (type: 'InvitationIgnored' | 'InvitationRestored' | 'InvitationAccepted', n: number) => {
      const { invitationId, inviterId, recipientId } = events[n]!;
      const event = { type, commandId: id(300 + n), invitationId, inviterId, recipientId, at: minute(9) };
      return (type === 'InvitationAccepted' ? { ...event, via: 'site' } : event) as InvitationEvent;
    };
    const applyToBoth = async (...since: InvitationEvent[]) => {
      await apply(inboxProjection, ...since);
      await apply(archiveProjection, ...since);
    };
    const idsOf = (list: Page<{ invitationId: string }>) =>
      list.items.map(({ invitationId }) => invitationId);
    const newestFirst = (some: typeof events) =>
      some
        .toSorted((a, b) => b.at.localeCompare(a.at) || b.invitationId.localeCompare(a.invitationId))
        .map(({ invitationId }) => invitationId);
    const everyThird = (n: number) => n % 3 === 0;

    beforeAll(async () => {
      await applyToBoth(...events);
      for (const [n] of events.entries()) if (everyThird(n)) await applyToBoth(about('InvitationIgnored', n));
    });

    it('list each at its old place, on pages of any size, and count it', async () => {
      const ignoredOnes = newestFirst(events.filter((_, n) => everyThird(n)));
      expect(idsOf(await findArchive(pool, RECIPIENT, { limit: 30 }))).toEqual(ignoredOnes);
      expect(await findMemberOverview(pool, RECIPIENT)).toMatchObject({ waiting: 16 });
      for (const [n] of events.entries())
        if (everyThird(n)) await applyToBoth(about('InvitationRestored', n));
      for (const limit of [1, 5, 30]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await findInbox(pool, RECIPIENT, { limit, cursor });
          seen.push(...idsOf(page));
          cursor = page.next;
        } while (cursor !== undefined);
        expect(seen).toEqual(newestFirst(events));
      }
      expect(idsOf(await findArchive(pool, RECIPIENT, { limit: 30 }))).toEqual([]);
      expect(await findMemberOverview(pool, RECIPIENT)).toMatchObject({ waiting: 24 });
      expect(await findInboxNews(pool, RECIPIENT, minute(1))).toEqual({ waiting: 24, fresh: 8 });
      expect(await findInvitationListState(pool, events[0]!.invitationId)).toEqual({
        inInbox: true,
        ignored: false,
      });
    });

    it('are found by a text', async () => {
      const matching = newestFirst(events.filter((_, n) => n % 4 === 2));
      expect(idsOf(await findInbox(pool, RECIPIENT, { limit: 30, search: 'MESSAGE 2' }))).toEqual(matching);
    });

    it('show the inviter as one of the inbox', async () => {
      await inTransaction(pool, (tx) => saveMembers(tx, new Map([[AMAL, member(AMAL)]])));
      await apply(inboxProjection, ...events.map((_, n) => about('InvitationIgnored', n)));
      expect(await findVisibleProfile(pool, RECIPIENT, AMAL)).toMatchObject({ name: `Name of ${AMAL}` });
      expect(await findRelatedMember(pool, RECIPIENT, AMAL)).toMatchObject({
        relation: { kind: 'invited', list: 'inbox' },
      });
      await apply(inboxProjection, ...events);
    });

    it('list one once while the projection of the inbox has not seen that it was ignored', async () => {
      // Every invitation is in the inbox again, as before the ignores.
      expect(idsOf(await findInbox(pool, RECIPIENT, { limit: 30 }))).toEqual(newestFirst(events));
      expect(await findMemberOverview(pool, RECIPIENT)).toMatchObject({ waiting: 24 });
      expect(await findInboxNews(pool, RECIPIENT, minute(1))).toEqual({ waiting: 24, fresh: 8 });
    });

    it('leave the inbox when they are ignored again or answered', async () => {
      await applyToBoth(about('InvitationIgnored', 0), about('InvitationIgnored', 3));
      await applyToBoth(about('InvitationRestored', 3), about('InvitationAccepted', 3));
      expect(idsOf(await findInbox(pool, RECIPIENT, { limit: 30 }))).toEqual(
        newestFirst(events.filter((_, n) => n !== 0 && n !== 3)),
      );
      expect(idsOf(await findArchive(pool, RECIPIENT, { limit: 30 }))).toEqual([events[0]!.invitationId]);
      expect(await findInvitationListState(pool, events[3]!.invitationId)).toEqual({ inInbox: false });
    });
  });

  it.each(['', 'x', 'bm90IGEgY3Vyc29y', Buffer.from('2026-01-05 a').toString('base64url')])(
    'reject the cursor %j',
    async (cursor) => {
      await expect(findInbox(pool, BILAL, { limit: 7, cursor })).rejects.toThrow(InvalidCursorError);
    },
  );

  it('provide the facts about members that a decision needs', async () => {
    const shy = { ...member('shy'), takesInvitations: false };
    const save = (profile: typeof shy | null) =>
      inTransaction(pool, (tx) => saveMembers(tx, new Map([['shy', profile]])));
    const facts = () => findMemberFacts(pool, ['shy', 'nobody'], ['shy', 'nobody']);
    const recipients = new Map([['shy', { email: shy.email, takesInvitations: false }]]);
    await save(shy);
    expect(await facts()).toEqual({ recipients, removed: new Set() });
    await save(null);
    await save(null);
    expect(await facts()).toEqual({ recipients: new Map(), removed: new Set(['shy']) });
    // A previous version stores a profile without a look at the removed members.
    await pool.query(`INSERT INTO read_models.members VALUES ('shy', 'Shy', '', '', $1, false)`, [shy.email]);
    expect(await facts()).toEqual({ recipients, removed: new Set() });
    await save(shy);
    const left = await pool.query(`SELECT FROM read_models.removed_members WHERE id = 'shy'`);
    expect(left.rowCount).toBe(0);
  });
});
