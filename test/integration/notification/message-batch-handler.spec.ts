import { beforeEach, describe, expect, it } from '@jest/globals';
import { findConnectionsSummary, findMembers } from '../../../apps/notification/src/members/members.table.js';
import { TOPICS } from '#libs/contracts';
import { accepted, message, profile, removed, sent } from './messages.js';
import { useNotificationHarness, type App } from './notification-harness.js';

describe('MessageBatchHandler', () => {
  const harness = useNotificationHarness();
  let handler: App['handler'];

  beforeEach(() => {
    handler = harness.create().handler;
  });

  const deadLetters = async () =>
    (
      await harness.pool.query<{
        topic: string;
        position: string;
        key: Buffer;
        value: Buffer;
        headers: object;
        reason: string;
      }>('SELECT * FROM notification.dead_letters ORDER BY position')
    ).rows;

  it('stores the last profile of a member, and deletes the member of a profile without a value (D13)', async () => {
    await handler.handle([
      profile('alice'),
      profile('alice', { name: 'Alicia', locale: 'ar' }),
      profile('bob'),
    ]);
    await handler.handle([removed('bob'), removed('never-there')]);
    expect([...(await findMembers(harness.pool, ['alice', 'bob'])).values()]).toEqual([
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

  it('stores a profile whose locale is absent or null', async () => {
    await handler.handle([profile('alice', { locale: undefined }), profile('bob', { locale: null })]);
    expect((await findMembers(harness.pool, ['alice', 'bob'])).size).toBe(2);
  });

  it('connects both members of an acceptance, once (R10)', async () => {
    await handler.handle([accepted('alice', 'bob'), accepted('bob', 'alice'), accepted('alice', 'carol')]);
    expect(await findConnectionsSummary(harness.pool, 'alice', 'bob')).toMatchObject({
      total: 2,
      inCommon: 0,
    });
    expect(await findConnectionsSummary(harness.pool, 'carol', 'bob')).toMatchObject({
      total: 1,
      inCommon: 1,
      // Alice has no profile: she counts, without a name.
      namesInCommon: [],
    });
  });

  it('does not count connections with an account that was closed since (D23)', async () => {
    await handler.handle([accepted('alice', 'bob'), accepted('alice', 'carol'), accepted('bob', 'carol')]);
    const summary = () => findConnectionsSummary(harness.pool, 'alice', 'bob');
    expect(await summary()).toMatchObject({ total: 2, inCommon: 1 });
    await harness.pool.query(
      `INSERT INTO read_models.account_state VALUES ('carol', 0, '{"sent": 0, "closed": true}')`,
    );
    expect(await summary()).toMatchObject({ total: 1, inCommon: 0 });
  });

  it('stores invalid messages as dead letters once, and the valid messages of their batch', async () => {
    const headers = { ce_id: 'no uuid', raw: Buffer.from([0xff, 0]) };
    const invalid = [
      message(TOPICS.sent, 'bob', Buffer.from([0xff, 0x00]), headers),
      { ...accepted('alice', 'bob'), topic: TOPICS.sent },
      sent('alice', 'bob', { at: '2026-W01-1' }),
      sent('alice', 'bob', { recipientId: 'no member id' }),
      message(TOPICS.profiles, null, '{}'),
      message(TOPICS.profiles, 'bob', profile('alice').value),
      message(TOPICS.profiles, 'alice', 'no JSON'),
    ];
    const good = sent('alice', 'bob');
    await handler.handle([...invalid, good]);
    await handler.handle([...invalid, good]);
    expect(await harness.deliveries()).toHaveLength(1);
    const rows = await deadLetters();
    expect(rows.map(({ topic, position }) => [topic, position])).toEqual(
      invalid.map(({ topic, offset }) => [topic, offset]),
    );
    expect(rows[0]).toMatchObject({
      key: Buffer.from('bob'),
      value: Buffer.from([0xff, 0x00]),
      headers: { ce_id: [Buffer.from('no uuid').toString('base64')], raw: ['/wA='] },
      reason: 'header ce_id must be a UUID',
    });
    expect(rows[1]!.reason).toBe('header ce_type must be invitations.sent.v1 on this topic');
  });

  it('stores a batch that cannot be decoded as one dead letter with its offsets, once', async () => {
    const batch = {
      topic: TOPICS.sent,
      partition: 3,
      firstOffset: '5',
      lastOffset: '9',
      timestamp: -1,
      reason: 'it is odd',
    };
    await handler.recordUndecodableBatch(batch);
    await handler.recordUndecodableBatch(batch);
    expect(await deadLetters()).toMatchObject([
      {
        topic: TOPICS.sent,
        position: '5',
        key: null,
        value: null,
        reason: 'the batch of offsets 5 to 9 cannot be decoded: it is odd',
      },
    ]);
  });

  it('stores texts without the characters that PostgreSQL cannot store', async () => {
    await handler.handle([
      profile('alice', { name: 'half \ud800' }),
      sent('alice', 'bob', { message: 'nothing: \u0000' }),
    ]);
    expect(await harness.deliveries()).toMatchObject([{ content: { message: 'nothing: ' } }]);
    expect((await findMembers(harness.pool, ['alice'])).get('alice')).toMatchObject({ name: 'half \ufffd' });
    expect(await deadLetters()).toEqual([]);
  });
});
