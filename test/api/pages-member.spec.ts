import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiUnderTest, apiUnderTest, START_MS } from './api-under-test.js';
import { giveInvitation, giveMember } from './given-rows.js';
import { PageVisitor } from './page-visitor.js';

let api: ApiUnderTest;
const visit = async (viewer: string, member: string) =>
  (await PageVisitor.of(api, viewer)).get(`/members/${member}`);

beforeAll(async () => {
  api = await apiUnderTest();
  await giveMember(api.db, {
    id: 'ann',
    name: 'Ann <b>Lee</b>',
    headline: 'Analyst',
    profileUrl: 'javascript:x',
  });
  for (const [id, name] of [
    ['bob', 'Bob'],
    ['carl', 'Carl'],
    ['dora', 'Dora'],
  ] as const) {
    await giveMember(api.db, { id, name });
  }
  await giveInvitation(api.db, { n: 1, inviterId: 'ann', recipientId: 'bob' });
  await giveInvitation(api.db, { n: 2, inviterId: 'ann', recipientId: 'dora', ignored: true });
  await api.db.query(`INSERT INTO read_models.connections VALUES ('carl ann', 'carl', 'ann', now())`);
}, START_MS);
afterAll(() => api.stop());

describe("a member's page", () => {
  it.each(['bob', 'dora', 'carl', 'ann'])('is there for %s, who has to do with them', async (viewer) => {
    const { statusCode, payload } = await visit(viewer, 'ann');
    expect(statusCode).toBe(200);
    expect(payload).toContain('Ann &lt;b>Lee&lt;/b>');
    expect(payload).toContain('Analyst');
    expect(payload).not.toMatch(/javascript:|ann@network/);
  });

  it('is there for who has sent an invitation, whatever became of it', async () => {
    expect((await visit('ann', 'dora')).statusCode).toBe(200);
  });

  it('D4: strangers and those who do not exist look the same', async () => {
    const [stranger, nobody] = [await visit('bob', 'carl'), await visit('bob', 'nobody')];
    expect(stranger.statusCode).toBe(404);
    const plain = (payload: string, id: string) => payload.replaceAll(id, '·');
    expect(plain(stranger.payload, 'carl')).toBe(plain(nobody.payload, 'nobody'));
  });
});
