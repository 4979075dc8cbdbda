import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';
import { closeAccount, giveInvitation, giveMember } from './given-rows.js';
import { PageVisitor } from './page-visitor.js';

let api: ApiHarness;
const visit = async (viewer: string, member: string) =>
  (await PageVisitor.of(api, viewer)).get(`/members/${member}`);

beforeAll(async () => {
  api = await openApiHarness();
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
  it.each(['bob', 'dora', 'ann'])('is shown to %s, who knows the member', async (viewer) => {
    const { statusCode, payload } = await visit(viewer, 'ann');
    expect(statusCode).toBe(200);
    expect(payload).toContain('Ann &lt;b>Lee&lt;/b>');
    expect(payload).toContain('Analyst');
    expect(payload).not.toMatch(/javascript:|ann@network/);
  });

  it('shows their address and the connections in common only to a connection (R14)', async () => {
    await api.db.query(
      `INSERT INTO read_models.connections VALUES ('carl bob', 'carl', 'bob', now()), ('ann bob', 'ann', 'bob', now())`,
    );
    const { payload } = await visit('carl', 'ann');
    expect(payload).toContain('href="mailto:ann@network.example"');
    expect(payload).toContain('1 connection in common');
    expect(payload).not.toContain('javascript:');
    await api.db.query(`DELETE FROM read_models.connections WHERE other_id = 'bob'`);
  });

  it('is shown to a member who has sent an invitation, whatever its state', async () => {
    expect((await visit('ann', 'dora')).statusCode).toBe(200);
  });

  it('is the same 404 for strangers and for unknown ids (D4)', async () => {
    const [stranger, nobody] = [await visit('bob', 'carl'), await visit('bob', 'nobody')];
    expect(stranger.statusCode).toBe(404);
    const plain = (payload: string, id: string) => payload.replaceAll(id, '·');
    expect(plain(stranger.payload, 'carl')).toBe(plain(nobody.payload, 'nobody'));
  });

  it('is the same 404 for a member whose account is closed, and for themselves (D23)', async () => {
    await giveMember(api.db, { id: 'eve', name: 'Eve' });
    await giveInvitation(api.db, { n: 3, inviterId: 'eve', recipientId: 'bob' });
    expect((await visit('bob', 'eve')).statusCode).toBe(200);
    await closeAccount(api.db, 'eve');
    const plain = (payload: string) => payload.replaceAll(/\b(eve|nobody)\b/g, '·');
    for (const viewer of ['bob', 'eve']) {
      const [left, nobody] = [await visit(viewer, 'eve'), await visit(viewer, 'nobody')];
      expect(left.statusCode).toBe(404);
      expect(plain(left.payload)).toBe(plain(nobody.payload));
      expect(left.payload).not.toContain('Eve');
    }
  });
});
