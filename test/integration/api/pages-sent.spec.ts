import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { REFUSAL_CODES } from '#libs/contracts';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';
import {
  closeInvitation,
  forgetInvitations,
  giveInvitation,
  giveMember,
  replyToInvitation,
  supersedeInvitation,
} from './given-rows.js';
import { PageVisitor, saidOn } from './page-visitor.js';

let api: ApiHarness;
let ann: PageVisitor;
let invitationId: string;
let numbered = 0;

beforeAll(async () => {
  api = await openApiHarness();
  await giveMember(api.db, { id: 'bob', name: 'Bob Ray' });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  ann = await PageVisitor.of(api, 'ann');
  await forgetInvitations(api.db);
  invitationId = await given();
});

const given = (change: { ignored?: boolean; sentAt?: string } = {}) => {
  numbered += 1;
  return giveInvitation(api.db, {
    n: numbered,
    inviterId: 'ann',
    recipientId: 'bob',
    message: 'Hi',
    ...change,
  });
};
const setStatus = (status: string) =>
  api.db.query('UPDATE read_models.sent SET status = $1 WHERE invitation_id = $2', [status, invitationId]);
const command = () => ({ commandId: randomUUID() });

/** Replaces ids, which differ from page to page. */
const anonymous = (page: string) => page.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID');

describe('/sent', () => {
  it.each([
    ['pending', 'No answer yet', true, true],
    ['replied', 'Replied', true, true],
    ['withdrawn', 'Withdrawn', true, false],
    ['accepted', 'Accepted', false, false],
  ])('shows a %s invitation with its possible actions', async (status, words, followUp, withdraw) => {
    await setStatus(status);
    const { payload } = await ann.get('/sent');
    expect(payload).toContain(`<h2><bdi>Bob Ray</bdi></h2></div><p class="status">${words}</p>`);
    expect(payload.includes(`href="/sent/${invitationId}/follow-up"`)).toBe(followUp);
    expect(payload.includes(`action="/sent/${invitationId}/withdraw"`)).toBe(withdraw);
  });

  it('renders an untouched, an ignored and a declined invitation as the same bytes except for ids (D1)', async () => {
    const pages = async () => {
      const list = anonymous((await ann.get('/sent')).payload);
      const form = anonymous((await ann.get(`/sent/${invitationId}/follow-up`)).payload);
      return [list, form];
    };
    const untouched = await pages();
    await api.db.query('DELETE FROM read_models.inbox');
    await api.db.query('UPDATE read_models.archive SET ignored = true');
    expect(await pages()).toEqual(untouched);
    await closeInvitation(api.db, invitationId);
    expect(await pages()).toEqual(untouched);
  });

  it('waits until the list shows that a replied invitation was withdrawn (R18)', async () => {
    await setStatus('replied');
    api.channel.answer = ({ commandId }) => {
      setTimeout(() => void setStatus('withdrawn'), 100);
      return Promise.resolve({ commandId, outcome: 'accepted' });
    };
    const page = await ann.press(`/sent/${invitationId}/withdraw`, command());
    expect(page.payload).toContain('<p class="status">Withdrawn</p>');
  });

  it('shows the text of a reply, escaped, also after the invitation was accepted (D18, D9)', async () => {
    await replyToInvitation(api.db, invitationId, 'Who are <b>you</b>?');
    for (const status of ['replied', 'accepted']) {
      await setStatus(status);
      const { payload } = await ann.get('/sent');
      expect(payload).toContain('<p class="small">Reply from <bdi>Bob Ray</bdi>: <time');
      expect(payload).toContain(
        '<blockquote class="answer" dir="auto">Who are &lt;b>you&lt;/b>?</blockquote>',
      );
    }
  });

  it('folds an earlier, withdrawn invitation with its reply into the card of the newest one, which alone offers something', async () => {
    await replyToInvitation(api.db, invitationId, 'Not this year.');
    await setStatus('withdrawn');
    const again = await given();
    const { payload } = await ann.get('/sent');
    expect(payload.match(/<article/g)).toHaveLength(1);
    expect(payload).toContain(`href="/sent/${again}/follow-up"`);
    expect(payload).not.toContain(`href="/sent/${invitationId}/follow-up"`);
    const [, folded] = /<summary>1 earlier invitation<\/summary>(.*?)<\/details>/s.exec(payload)!;
    expect(folded).toContain('<p class="status">Withdrawn</p>');
    expect(folded).toContain('Not this year.');
    // A search finds each by itself.
    const found = (await ann.get('/sent?q=this+year')).payload;
    expect(found.match(/<article/g)).toHaveLength(1);
    expect(found).toContain('Not this year.');
    expect(found).not.toContain('/follow-up"');
  });

  it('keeps what a follow-up superseded in its card, with the reply, and finds it by that (D2, D18)', async () => {
    await replyToInvitation(api.db, invitationId, 'Not this year.');
    await supersedeInvitation(api.db, invitationId);
    const followUp = await given({ sentAt: '2026-01-03T00:00:00.000Z' });
    for (const url of ['/sent', '/sent?q=this+year', '/sent?q=bob']) {
      const { payload } = await ann.get(url);
      expect(payload.match(/<article/g)).toHaveLength(1);
      expect(payload).toContain(`href="/sent/${followUp}/follow-up"`);
      expect(payload).not.toContain(`/sent/${invitationId}/`);
      expect(payload).toMatch(
        /Sent <time [^>]*>1 January 2026<\/time> · Followed up <time [^>]*>3 January 2026<\/time>.*<summary>/s,
      );
      const [, folded] = /<summary>1 earlier invitation<\/summary>(.*?)<\/details>/s.exec(payload)!;
      expect(folded).toContain('<p class="status">Followed up</p>');
      expect(folded).toContain('Not this year.');
    }
    expect((await ann.get(`/sent/${invitationId}/follow-up`)).headers.location).toBe('/sent');
  });

  it('offers nothing on it where the later invitation is on another page, or does not match a search', async () => {
    await setStatus('withdrawn');
    await api.db.query(`UPDATE read_models.sent SET message = 'Only here', sent_at = '2025-12-01'`);
    const offer = `href="/sent/${invitationId}/follow-up"`;
    for (const url of ['/sent', '/sent?q=only']) expect((await ann.get(url)).payload).toContain(offer);
    for (let n = 0; n < 15; n += 1) await given();
    const [, next] = /href="(\/sent\?cursor=[^"]+)"/.exec((await ann.get('/sent')).payload)!;
    for (const url of [next!, '/sent?q=only']) {
      const { payload } = await ann.get(url);
      expect(payload).toContain('Only here');
      expect(payload).not.toContain(offer);
    }
  });

  it('finds invitations by name, message and reply', async () => {
    await replyToInvitation(api.db, invitationId);
    for (const [q, found] of [
      ['bob', true],
      ['hi', true],
      ['%', false],
      ['_', false],
      ['nobody', false],
    ] as const) {
      const { payload } = await ann.get(`/sent?q=${encodeURIComponent(q)}`);
      expect([q, payload.includes('<article')]).toEqual([q, found]);
      expect(payload).toMatch(/<form method="get" action="\/sent" role="search"/);
    }
  });

  it('is empty for another member', async () => {
    const bob = await PageVisitor.of(api, 'bob');
    expect((await bob.get('/sent')).payload).toContain('You haven’t sent any invitations yet.');
  });
});

describe('withdrawing (R31)', () => {
  it('takes two steps and shows the result', async () => {
    const { payload } = await ann.get('/sent');
    expect(payload).toMatch(
      /<details><summary[^>]*>Withdraw<\/summary><p>We won’t tell <bdi>Bob Ray<\/bdi>\./,
    );
    api.channel.answer = async ({ commandId }) => {
      await setStatus('withdrawn');
      return { commandId, outcome: 'accepted' };
    };
    const page = await ann.press(`/sent/${invitationId}/withdraw`, command());
    expect(saidOn(page)).toBe('Invitation to Bob Ray withdrawn');
    expect(page.payload).toContain('<p class="status">Withdrawn</p>');
    expect(api.channel.published).toMatchObject([
      { type: 'invitations.withdraw.v1', data: { invitationId, actorId: 'ann' } },
    ]);
  });

  it('shows the reason when it is refused', async () => {
    api.channel.refuse('ALREADY_ANSWERED');
    const page = await ann.press(`/sent/${invitationId}/withdraw`, command());
    expect(saidOn(page)).toBe('This invitation has already been answered.');
  });

  it('waits for the list for a limited time', async () => {
    const began = performance.now();
    await ann.press(`/sent/${invitationId}/withdraw`, command());
    expect(performance.now() - began).toBeGreaterThan(1_900);
  });
});

describe('a follow-up (R21)', () => {
  const url = () => `/sent/${invitationId}/follow-up`;

  it('asks for a message, and for the address only after a withdrawal (R34)', async () => {
    const replaces = 'This replaces your earlier invitation';
    const open = (await ann.get(url())).payload;
    expect(open).toContain('Follow up with <bdi>Bob');
    expect(open).toContain(replaces);
    expect(open).not.toContain('name="email"');
    await replyToInvitation(api.db, invitationId);
    expect((await ann.get(url())).payload).not.toContain('name="email"');
    for (const closed of ['expired', 'withdrawn']) {
      await setStatus(closed);
      const again = (await ann.get(url())).payload;
      expect(again).toContain('Invite again: <bdi>Bob');
      expect(again).not.toContain(replaces);
    }
    const { payload } = await ann.get(url());
    expect(payload).toMatch(/<input type="email" id="email" name="email"[^>]* required/);
  });

  it('sends a new invitation to the same member', async () => {
    const fields = command();
    api.channel.answer = async ({ commandId }) => {
      await api.db.query('UPDATE read_models.sent SET invitation_id = $1', [`ann.${commandId}`]);
      return { commandId, outcome: 'accepted' };
    };
    const page = await ann.press(url(), { ...fields, message: 'Once more', email: 'bob@network.example' });
    expect(saidOn(page)).toBe('Invitation sent to Bob Ray');
    expect(api.channel.published).toMatchObject([
      {
        type: 'invitations.send.v1',
        ...fields,
        data: {
          inviterId: 'ann',
          recipientId: 'bob',
          recipientEmail: 'bob@network.example',
          message: 'Once more',
        },
      },
    ]);
  });

  it('sends no message and no address when the fields are empty', async () => {
    api.channel.refuse('TOO_SOON');
    await ann.post(url(), { ...command(), message: ' ', email: '' });
    expect(JSON.parse(JSON.stringify(api.channel.published[0]?.data))).toEqual({
      inviterId: 'ann',
      recipientId: 'bob',
    });
  });

  it('shows the reason when it is refused, without numbers, and keeps the entered text (R3, R29)', async () => {
    const ids = new Set<string | undefined>();
    for (const code of REFUSAL_CODES) {
      api.channel.refuse(code);
      const fields = command();
      const { statusCode, payload } = await ann.post(url(), { ...fields, message: 'Once <b>more' });
      expect(statusCode).toBe(422);
      const said = /<p id="error"[^>]*>([^<]+)<\/p>/.exec(payload)?.[1];
      expect(said).toMatch(/^[^\d_]{10,}$/);
      // A new invitation is never refused with NOT_IGNORED.
      expect(code === 'NOT_IGNORED' ? '' : said).not.toMatch(/declin|ignor|don’t know/i);
      expect(payload).toContain('>Once &lt;b>more</textarea>');
      expect(payload).not.toContain(fields.commandId);
      expect(payload.includes('name="email"')).toBe(code === 'EMAIL_REQUIRED');
      ids.add(/name="commandId" value="([^"]+)"/.exec(payload)?.[1]);
    }
    expect(ids.size).toBe(REFUSAL_CODES.length);
  });

  it('responds in the same way to a missing, a wrong and a malformed address (D4)', async () => {
    await setStatus('withdrawn');
    api.channel.refuse('EMAIL_REQUIRED');
    const pages = new Set<string>();
    for (const email of ['', 'somebody@else.example', 'bob', 'a@b@c']) {
      const { statusCode, payload } = await ann.post(url(), { ...command(), email });
      pages.add(anonymous(`${statusCode} ${payload.replace(`required value="${email}"`, 'required value')}`));
    }
    expect([...pages]).toHaveLength(1);
    expect([...pages][0]).toMatch(/^422 .*aria-describedby="error email-hint" aria-invalid="true"/s);
  });

  it('returns a message of more than 300 code points to its writer (D9)', async () => {
    const { statusCode, payload } = await ann.post(url(), { ...command(), message: '😀'.repeat(301) });
    expect(statusCode).toBe(422);
    expect(payload).toMatch(/<textarea[^>]* aria-describedby="error message-hint"/);
    expect(api.channel.published).toEqual([]);
  });

  it('redirects for an invitation that is superseded or another member’s, without telling which, and loses no text', async () => {
    const bob = await PageVisitor.of(api, 'bob');
    const none = `/sent/ann.${randomUUID()}/follow-up`;
    const answers = [await bob.get(url()), await ann.get(none), await ann.post(none, command())];
    for (const { statusCode, headers } of answers) {
      expect([statusCode, headers.location, headers['set-cookie']]).toEqual([
        303,
        '/sent',
        'notice=NOT_OPEN; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
      ]);
    }
    const texts = [await bob.post(url(), { ...command(), message: 'Once <b>more' })];
    texts.push(await ann.post(none, { ...command(), message: 'Once <b>more' }));
    for (const { statusCode, payload } of texts) {
      expect(statusCode).toBe(422);
      expect(payload).toContain(`This invitation is no longer open.</h1><p>Your message wasn’t sent:</p>`);
      expect(payload).toContain('>Once &lt;b>more</blockquote>');
    }
    expect(api.channel.published).toEqual([]);
  });
});
