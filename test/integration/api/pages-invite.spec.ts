import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';
import {
  closeAccount,
  closeInvitation,
  forgetInvitations,
  giveInvitation,
  giveMember,
  replyToInvitation,
} from './given-rows.js';
import { PageVisitor, saidOn } from './page-visitor.js';

let api: ApiHarness;
let ann: PageVisitor;
let numbered = 0;

beforeAll(async () => {
  api = await openApiHarness();
  await giveMember(api.db, { id: 'ann', name: 'Ann Lee' });
  const headline = 'Analyst <i>at large</i>';
  await giveMember(api.db, { id: 'bob', name: 'Bob <b>Ray</b>', headline });
  await giveMember(api.db, { id: 'shy', name: 'Bob <b>Ray</b>', headline, takesInvitations: false });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  ann = await PageVisitor.of(api, 'ann');
  await forgetInvitations(api.db);
  await api.db.query('DELETE FROM read_models.connections');
});

const send = (inviterId: string, recipientId: string, change: { ignored?: boolean } = {}) =>
  giveInvitation(api.db, { n: (numbered += 1), inviterId, recipientId, ...change });
const setStatus = (id: string, status: string) =>
  api.db.query('UPDATE read_models.sent SET status = $1 WHERE invitation_id = $2', [status, id]);
const command = () => ({ commandId: randomUUID() });
const anonymous = (page: string) =>
  page.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID').replaceAll(/\bbob\b|\bshy\b/g, 'X');

describe('/invite/{memberId} (D19)', () => {
  it('shows name, headline and a form to a member who does not know the other one', async () => {
    const { statusCode, payload } = await ann.get('/invite/bob');
    expect(statusCode).toBe(200);
    expect(payload).toContain('Invite <bdi>Bob &lt;b>Ray&lt;/b></bdi> to connect');
    expect(payload).toContain('Analyst &lt;i>at large&lt;/i>');
    expect(payload).toContain('<form method="post" action="/invite/bob" class="card">');
    expect(payload).not.toMatch(/name="email"|bob@network/);
  });

  it('sends the invitation and shows it in the sent list', async () => {
    const fields = command();
    api.channel.answer = async ({ commandId }) => {
      const id = await send('ann', 'bob');
      await api.db.query('UPDATE read_models.sent SET invitation_id = $1 WHERE invitation_id = $2', [
        `ann.${commandId}`,
        id,
      ]);
      return { commandId, outcome: 'accepted' };
    };
    const page = await ann.press('/invite/bob', { ...fields, message: ' Hello ' });
    expect(page.payload).toContain('<bdi>Bob &lt;b>Ray&lt;/b></bdi>');
    expect(api.channel.published).toMatchObject([
      {
        type: 'invitations.send.v1',
        ...fields,
        data: { inviterId: 'ann', recipientId: 'bob', message: 'Hello' },
      },
    ]);
  });

  it('asks for the address after a withdrawal, and keeps what was typed when it is refused (R34)', async () => {
    await setStatus(await send('ann', 'bob'), 'withdrawn');
    const address = /<input type="email" id="email" name="email"[^>]* required/;
    expect((await ann.get('/invite/bob')).payload).toMatch(address);
    api.channel.refuse('EMAIL_REQUIRED');
    const refused = await ann.post('/invite/bob', {
      ...command(),
      message: 'Hello again',
      email: 'x@y.example',
    });
    expect(refused.statusCode).toBe(422);
    expect(refused.payload).toMatch(address);
    expect(refused.payload).toContain('Hello again');
    expect(refused.payload).toContain('value="x@y.example"');
    const malformed = await ann.post('/invite/bob', { ...command(), email: 'nobody' });
    expect(saidOn(malformed)).toBe(saidOn(refused));
  });

  it.each([
    ['en', 'Shorten it to 300 characters. Characters over the limit: 1'],
    ['ar', 'يلزم اختصار الرسالة إلى 300 حرف. الأحرف الزائدة على الحد: 1'],
  ])('says in %s by how many characters a message is too long (D9)', async (lang, text) => {
    const refused = await ann.post(`/invite/bob?lang=${lang}`, {
      ...command(),
      message: `${'😀'.repeat(300)}x\u0007`,
    });
    expect(refused.statusCode).toBe(422);
    expect(refused.payload).toContain(`>${text}<`);
    expect(refused.payload).toMatch(/<textarea[^>]* aria-describedby="error message-hint"/);
    expect(api.channel.published).toEqual([]);
  });

  it('is like that of an unknown member for one whose account is closed (D23)', async () => {
    await giveMember(api.db, { id: 'left', name: 'Lea Left' });
    await closeAccount(api.db, 'left');
    const plain = (payload: string) => payload.replaceAll(/\b(left|nobody)\b/g, 'X');
    for (const ask of ['get', 'post'] as const) {
      const [left, nobody] = await Promise.all(
        ['left', 'nobody'].map((id) =>
          ask === 'get' ? ann.get(`/invite/${id}`) : ann.post(`/invite/${id}`, command()),
        ),
      );
      expect(left!.statusCode).toBe(404);
      expect(plain(left!.payload)).toBe(plain(nobody!.payload));
    }
    expect(api.channel.published).toEqual([]);
  });

  it('is the same page for a member who takes no invitations, with the same refusal (D4)', async () => {
    const [open, shy] = [await ann.get('/invite/bob'), await ann.get('/invite/shy')];
    expect(anonymous(shy.payload)).toBe(anonymous(open.payload));
    api.channel.refuse('RECIPIENT_UNAVAILABLE');
    const refused = await ann.post('/invite/shy', command());
    expect(refused.statusCode).toBe(422);
    expect(refused.payload).not.toMatch(/declin|ignor|don’t know/i);
  });

  it('is the same 404 for an unknown member and for the reader', async () => {
    for (const id of ['nobody', 'ann', 'a b'].map(encodeURIComponent)) {
      expect((await ann.get(`/invite/${id}`)).statusCode).toBe(404);
      expect((await ann.post(`/invite/${id}`, command())).statusCode).toBe(404);
    }
    expect(api.channel.published).toEqual([]);
  });
});

describe.each(['/invite/bob', '/members/bob'])('the relation on %s (D19)', (path) => {
  const shown = async () => (await ann.get(path)).payload;

  it('is pending for an untouched, an ignored and a declined invitation alike (D1)', async () => {
    const id = await send('ann', 'bob');
    const untouched = anonymous(await shown());
    expect(untouched).toContain(`href="/sent/ann.ID/follow-up"`);
    expect(untouched).toContain('You’ve invited <bdi>Bob');
    expect(untouched).toContain('<h1>Bob &lt;b>Ray&lt;/b></h1>');
    expect(untouched).not.toContain('<textarea');
    await api.db.query('DELETE FROM read_models.inbox');
    await api.db.query('UPDATE read_models.archive SET ignored = true');
    expect(anonymous(await shown())).toBe(untouched);
    await closeInvitation(api.db, id);
    expect(anonymous(await shown())).toBe(untouched);
  });

  it('says that there is a reply, whatever was ignored (D17)', async () => {
    await replyToInvitation(api.db, await send('ann', 'bob'));
    const replied = anonymous(await shown());
    expect(replied).toContain('Replied');
    await api.db.query('DELETE FROM read_models.inbox');
    await api.db.query('UPDATE read_models.archive SET ignored = true');
    expect(anonymous(await shown())).toBe(replied);
  });

  it.each([
    ['inbox', false],
    ['archive', true],
  ])('offers to accept an invitation in the %s', async (list, ignored) => {
    const id = await send('bob', 'ann', { ignored });
    const payload = await shown();
    expect(payload).toContain(`action="/${list}/${id}/accept"`);
    expect(payload).toContain('would like to connect with you');
  });

  it('is connected after an acceptance', async () => {
    await setStatus(await send('ann', 'bob'), 'accepted');
    expect(await shown()).toContain('You’re connected.');
    await forgetInvitations(api.db);
    await api.db.query(`INSERT INTO read_models.connections VALUES ('ann bob', 'ann', 'bob', now())`);
    const payload = await shown();
    expect(payload).toContain('You’re connected.');
    expect(payload).not.toMatch(/\/invite\/bob"|\/accept"/);
  });
});

describe('/members/{memberId}', () => {
  it('offers to invite again after a withdrawal (R34)', async () => {
    await setStatus(await send('ann', 'bob'), 'withdrawn');
    expect((await ann.get('/members/bob')).payload).toContain('href="/invite/bob"');
  });
});
