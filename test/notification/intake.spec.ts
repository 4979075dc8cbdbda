import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findConnectionsSummary } from '../../apps/notification/src/connections/connections-summary.query.js';
import { findMembers } from '../../apps/notification/src/members/members.table.js';
import { TOPICS } from '../../libs/contracts/src/index.js';
import { accepted, message, profile, removed, sent } from './messages.js';
import { ledgerOf, ledgerUnderTest, notificationUnderTest } from './notification-under-test.js';

describe('what is made of messages', () => {
  let ledger: Awaited<ReturnType<typeof ledgerUnderTest>>;
  let intake: ReturnType<typeof notificationUnderTest>['intake'];

  beforeAll(async () => {
    ledger = await ledgerUnderTest();
    intake = notificationUnderTest(ledger.pool, 'smtp://127.0.0.1:1').intake;
  });
  beforeEach(() => ledger.clear());
  afterAll(() => ledger.stop(), 120_000);

  const deadLetters = async () =>
    (
      await ledger.pool.query<{
        topic: string;
        position: string;
        key: Buffer;
        value: Buffer;
        headers: object;
        reason: string;
      }>('SELECT * FROM notification.dead_letters ORDER BY position')
    ).rows;

  it('the last profile of a member counts, and null removes them (D13)', async () => {
    await intake.handle([
      profile('alice'),
      profile('alice', { name: 'Alicia', locale: 'ar' }),
      profile('bob'),
    ]);
    await intake.handle([removed('bob'), removed('never-there')]);
    expect([...(await findMembers(ledger.pool, ['alice', 'bob'])).values()]).toEqual([
      {
        id: 'alice',
        name: 'Alicia',
        headline: "Alice's headline",
        profileUrl: 'https://people.example/alice',
        email: 'alice@example.com',
        locale: 'ar',
      },
    ]);
  });

  it('a profile without a locale, or with an empty one, is one all the same', async () => {
    await intake.handle([profile('alice', { locale: undefined }), profile('bob', { locale: null })]);
    expect((await findMembers(ledger.pool, ['alice', 'bob'])).size).toBe(2);
  });

  it('an acceptance connects both, once (R10)', async () => {
    await intake.handle([accepted('alice', 'bob'), accepted('bob', 'alice'), accepted('alice', 'carol')]);
    expect(await findConnectionsSummary(ledger.pool, 'alice', 'bob')).toMatchObject({
      total: 2,
      inCommon: 0,
    });
    expect(await findConnectionsSummary(ledger.pool, 'carol', 'bob')).toMatchObject({
      total: 1,
      inCommon: 1,
      // Nobody has told us of alice yet: she counts, without a name.
      namesInCommon: [],
    });
  });

  it('what is not what its topic carries is set aside, and holds up nothing', async () => {
    const headers = { ce_id: 'no uuid', raw: Buffer.from([0xff, 0]) };
    const poison = [
      message(TOPICS.sent, 'bob', Buffer.from([0xff, 0x00]), headers),
      { ...accepted('alice', 'bob'), topic: TOPICS.sent },
      sent('alice', 'bob', { at: '2026-W01-1' }),
      sent('alice', 'bob', { recipientId: 'no member id' }),
      message(TOPICS.profiles, null, '{}'),
      message(TOPICS.profiles, 'bob', profile('alice').value),
      message(TOPICS.profiles, 'alice', 'no JSON'),
    ];
    const good = sent('alice', 'bob');
    await intake.handle([...poison, good]);
    await intake.handle([...poison, good]);
    expect(await ledgerOf(ledger.pool)).toHaveLength(1);
    const rows = await deadLetters();
    expect(rows.map(({ topic, position }) => [topic, position])).toEqual(
      poison.map(({ topic, offset }) => [topic, offset]),
    );
    expect(rows[0]).toMatchObject({
      key: Buffer.from('bob'),
      value: Buffer.from([0xff, 0x00]),
      headers: { ce_id: [Buffer.from('no uuid').toString('base64')], raw: ['/wA='] },
      reason: 'header ce_id must be a UUID',
    });
    expect(rows[1]!.reason).toBe('header ce_type must be invitations.sent.v1 on this topic');
  });

  it('texts that PostgreSQL cannot hold do not stop the partition', async () => {
    await intake.handle([
      profile('alice', { name: 'half \ud800' }),
      sent('alice', 'bob', { message: 'nothing: \u0000' }),
    ]);
    expect(await ledgerOf(ledger.pool)).toMatchObject([{ content: { message: 'nothing: ' } }]);
    expect(await deadLetters()).toMatchObject([{ reason: expect.stringContaining('half a character') }]);
  });
});
