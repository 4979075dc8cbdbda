import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { REFUSAL_CODES, type CommandMessage } from '#libs/contracts';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';
import {
  closeInvitation,
  forgetInvitations,
  giveInvitation,
  giveMember,
  replyToInvitation,
  restoreInvitation,
  supersedeInvitation,
} from './given-rows.js';
import { PageVisitor, saidOn } from './page-visitor.js';

let api: ApiHarness;
let bob: PageVisitor;
let invitationId: string;
let numbered = 0;

const ADVICE = 'Use this only if you really don’t recognise this person.';
const NO_LONGER_OPEN = 'This invitation is no longer open.';

beforeAll(async () => {
  api = await openApiHarness();
  const profileUrl = 'https://x.example/ann';
  await giveMember(api.db, { id: 'ann', name: 'Ann <i>Lee</i>', headline: 'Engineer', profileUrl });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  bob = await PageVisitor.of(api, 'bob');
  await forgetInvitations(api.db);
  invitationId = await given({ message: 'Hello & <b>welcome</b>' });
});

const given = (change: { ignored?: boolean; message?: string } = {}) => {
  numbered += 1;
  return giveInvitation(api.db, { n: numbered, inviterId: 'ann', recipientId: 'bob', ...change });
};

/** Updates the lists as the projections do. */
const listsFollow = (change: (invitationId: string) => Promise<void>) => {
  api.channel.answer = async ({ commandId, data }: CommandMessage) => {
    await change((data as { invitationId: string }).invitationId);
    return { commandId, outcome: 'accepted' };
  };
};

const command = () => ({ commandId: randomUUID() });

describe('/inbox', () => {
  it('shows open invitations with their possible actions (R9)', async () => {
    const response = await bob.get('/inbox');
    expect(response.statusCode).toBe(200);
    for (const part of [
      '<bdi>Ann &lt;i>Lee&lt;/i></bdi>',
      'Engineer',
      'href="https://x.example/ann"',
      '<blockquote dir="auto">Hello &amp; &lt;b>welcome&lt;/b></blockquote>',
      '<time datetime="2026-01-01T00:00:00.000Z" title="1 January 2026">1 January 2026</time>',
      `action="/inbox/${invitationId}/accept"`,
      `action="/inbox/${invitationId}/ignore"`,
      `href="/inbox/${invitationId}/reply"`,
      'aria-label="Accept the invitation from Ann &lt;i>Lee&lt;/i>"',
    ]) {
      expect(response.payload).toContain(part);
    }
  });

  describe('beside an inviter', () => {
    const connect = (member: string, from: number, to: number) =>
      api.db.query(
        `INSERT INTO read_models.connections SELECT $1 || ' c' || n, $1, 'c' || n, now() - n * interval '1 minute'
         FROM generate_series($2::int, $3::int) AS n`,
        [member, from, to],
      );
    const shown = async (path = '/inbox') =>
      /(\d[\d,]*) connections? in common/.exec((await bob.get(path)).payload)?.[1];
    beforeEach(() => api.db.query('DELETE FROM read_models.connections'));
    afterAll(() => api.db.query('DELETE FROM read_models.connections'));

    it('shows how many connections the two have in common, also in the archive', async () => {
      await connect('bob', 1, 5);
      await connect('cid', 1, 5);
      expect(await shown()).toBeUndefined();
      await connect('ann', 3, 9);
      expect(await shown()).toBe('3');
      expect(await shown('/inbox?lang=ar')).toBeUndefined();
      expect((await bob.get('/inbox?lang=ar')).payload).toContain('3 جهات اتصال مشتركة');
      await api.db.query('DELETE FROM read_models.inbox');
      await api.db.query('UPDATE read_models.archive SET ignored = true');
      await bob.get('/inbox?lang=en');
      expect([await shown(), await shown('/archive')]).toEqual([undefined, '3']);
    });

    it.each([
      ['bob', 'ann'],
      ['ann', 'bob'],
    ])('shows no number where %s has more than 1,000 connections', async (many, few) => {
      await connect(many, 1, 1000);
      await connect(few, 999, 1000);
      expect(await shown()).toBe('2');
      await connect(many, 1001, 1001);
      expect(await shown()).toBeUndefined();
    });
  });

  it('does not offer "I don’t know" (R23)', async () => {
    expect((await bob.get('/inbox')).payload).not.toMatch(/don’t know|decline/);
  });

  it('offers to accept or ignore an invitation that was replied to (R18, D17)', async () => {
    await replyToInvitation(api.db, invitationId);
    const { payload } = await bob.get('/inbox');
    expect(payload).toContain('You replied. You can still accept.');
    expect(payload).toContain('/accept"');
    expect(payload).toContain('/ignore"');
    expect(payload).not.toContain('/reply"');
  });

  it('offers to decline an ignored invitation that was replied to (D17)', async () => {
    await closeInvitation(api.db, invitationId);
    const ignored = await given({ ignored: true });
    await replyToInvitation(api.db, ignored);
    const { payload } = await bob.get('/archive');
    expect(payload).toContain(`action="/archive/${ignored}/decline"`);
    expect(payload).not.toContain('/reply"');
  });

  it('is empty for another member, and an error page for an invalid cursor', async () => {
    const cid = await PageVisitor.of(api, 'cid');
    expect((await cid.get('/inbox')).payload).toContain('You’re all caught up.');
    const bad = await bob.get('/inbox?cursor=x');
    expect([bad.statusCode, bad.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
  });

  it('can be searched by name and message, page by page, once it is longer than a page', async () => {
    expect((await bob.get('/inbox')).payload).not.toContain('role="search"');
    for (let count = 0; count < 12; count += 1) await given({ message: `A 50 % <offer> ${count}` });
    expect((await bob.get('/inbox')).payload).toContain('role="search"');
    const found = await bob.get(`/inbox?q=${encodeURIComponent('50 % <OFFER')}`);
    expect(found.payload.match(/<article/g)).toHaveLength(11);
    expect(found.payload).toContain('value="50 % &lt;OFFER"');
    const older = /rel="next" href="([^"]+)"/.exec(found.payload)![1]!.replaceAll('&amp;', '&');
    expect((await bob.get(older)).payload.match(/<article/g)).toHaveLength(1);
    expect((await bob.get('/inbox?q=welcome')).payload.match(/<article/g)).toHaveLength(1);
    expect((await bob.get('/inbox?q=nobody')).payload).toContain('Nothing found.');
    for (const q of ['%00', '%ED%A0%80', '%5C', 'x'.repeat(3000), 'a&q=b', ' '])
      expect([q, (await bob.get(`/inbox?q=${q}`)).statusCode]).toEqual([q, 200]);
  });

  it('links to older invitations and back, and returns to the same page after an action', async () => {
    for (let count = 0; count < 11; count += 1) await given();
    const first = await bob.get('/inbox');
    const older = /href="(\/inbox\?cursor=[^"]+)"/.exec(first.payload)![1]!;
    const second = await bob.get(older);
    expect(first.payload.match(/<article/g)).toHaveLength(11);
    expect(second.payload.match(/<article/g)).toHaveLength(1);
    expect(second.payload).not.toContain('>Older<');
    expect(second.payload).toContain('<a class="button" href="/inbox">Newest</a>');
    api.channel.refuse('NOT_OPEN');
    const cursor = /name="cursor" value="([^"]+)"/.exec(second.payload)![1]!;
    const answer = await bob.post(`/inbox/${invitationId}/ignore`, { ...command(), cursor });
    expect(answer.headers.location).toBe(older);
    const elsewhere = await bob.post(`/inbox/${invitationId}/ignore`, {
      ...command(),
      cursor: '//evil.example/?a=b&c',
    });
    expect(elsewhere.headers.location).toBe('/inbox?cursor=%2F%2Fevil.example%2F%3Fa%3Db%26c');
  });
});

describe('an action on an invitation', () => {
  it.each(['inbox', 'archive'])('accepts from the %s and names the new connection (D5)', async (list) => {
    listsFollow((id) => closeInvitation(api.db, id));
    const fields = command();
    const page = await bob.press(`/${list}/${invitationId}/accept`, fields);
    expect(saidOn(page)).toBe('You and Ann &lt;i>Lee&lt;/i> are now connected');
    expect(page.payload).not.toContain('<article');
    expect(api.channel.published).toMatchObject([
      {
        type: 'invitations.accept.v1',
        ...fields,
        data: { invitationId, actorId: 'bob', via: 'site' },
      },
    ]);
  });

  it('is one command however often the form is submitted (D10)', async () => {
    listsFollow((id) => closeInvitation(api.db, id));
    const { payload } = await bob.get('/inbox');
    const commandId = /name="commandId" value="([^"]+)"/.exec(payload)![1]!;
    for (let press = 0; press < 3; press += 1) {
      await bob.press(`/inbox/${invitationId}/accept`, { commandId });
    }
    expect(new Set(api.channel.published.map((published) => published.commandId))).toEqual(
      new Set([commandId]),
    );
  });

  it('moves an ignored invitation to the archive (R19)', async () => {
    listsFollow(async (id) => {
      await api.db.query('DELETE FROM read_models.inbox WHERE invitation_id = $1', [id]);
      await api.db.query('UPDATE read_models.archive SET ignored = true WHERE invitation_id = $1', [id]);
    });
    const page = await bob.press(`/inbox/${invitationId}/ignore`, command());
    expect(saidOn(page)).toBe('Moved to your archive. Ann &lt;i>Lee&lt;/i> isn’t told.');
    expect(page.payload).toContain('You’re all caught up.');
    expect((await bob.get('/archive')).payload).toContain(`action="/archive/${invitationId}/decline"`);
    expect(api.channel.published).toMatchObject([
      { type: 'invitations.ignore.v1', data: { invitationId, actorId: 'bob' } },
    ]);
  });

  it('has its notice where the invitation was, with the focus', async () => {
    await closeInvitation(api.db, invitationId);
    const [older, middle, newer] = [await given(), await given(), await given()] as const;
    listsFollow(async (id) => {
      await api.db.query('DELETE FROM read_models.inbox WHERE invitation_id = $1', [id]);
      await api.db.query('UPDATE read_models.archive SET ignored = true WHERE invitation_id = $1', [id]);
    });
    const { payload } = await bob.press(`/inbox/${middle}/ignore`, command());
    expect(payload).toContain(`<form method="post" action="/inbox/${middle}/restore">`);
    const [before, after] = payload.split('role="status"') as [string, string];
    expect(before).toContain(`/inbox/${newer}/accept`);
    expect(after).toContain(`/inbox/${older}/accept`);
    expect(before + after).not.toContain(`/inbox/${middle}/accept`);
    expect(after).toMatch(/^ tabindex="-1" autofocus/);
    expect(after).toContain('href="/archive"');
    expect(after).toContain(ADVICE);
    expect(after).toContain(`action="/archive/${middle}/decline"`);
  });

  it('moves an ignored invitation back to the inbox, also to undo an ignore (D20)', async () => {
    const ignored = await given({ ignored: true });
    listsFollow((id) => restoreInvitation(api.db, id));
    expect((await bob.get('/archive')).payload).toContain(`formaction="/archive/${ignored}/restore"`);
    const archive = await bob.press(`/archive/${ignored}/restore`, command());
    expect(saidOn(archive)).toContain('Moved back to your inbox.');
    expect(archive.payload).not.toContain(`/archive/${ignored}/`);
    expect((await bob.get('/inbox')).payload).toContain(`formaction="/inbox/${ignored}/ignore"`);
    expect(api.channel.published).toMatchObject([
      { type: 'invitations.restore.v1', data: { invitationId: ignored, actorId: 'bob' } },
    ]);
  });

  it.each(['reply', 'ignore'])(
    'shows a restored invitation at the link to %s of its e-mail, and of an e-mail of an earlier one (D16, D20)',
    async (action) => {
      const followUp = await given({ message: 'Once more' });
      await supersedeInvitation(api.db, invitationId);
      await restoreInvitation(api.db, followUp);
      for (const id of [followUp, invitationId]) {
        const { statusCode, payload } = await bob.get(`/inbox/${id}/${action}`);
        expect([statusCode, payload.includes('Once more')]).toEqual([200, true]);
        expect(payload).toContain(`action="/inbox/${followUp}/${action}"`);
      }
    },
  );

  it.each(['reply', 'ignore'])(
    'shows the follow-up at the link to %s of an earlier e-mail (D16)',
    async (action) => {
      const followUp = await given({ message: 'Once more' });
      await supersedeInvitation(api.db, invitationId);
      const { statusCode, payload } = await bob.get(`/inbox/${invitationId}/${action}`);
      expect([statusCode, payload.includes('Once more')]).toEqual([200, true]);
      expect(payload).toContain(`action="/inbox/${followUp}/${action}"`);
      await api.db.query(`UPDATE read_models.sent SET status = 'withdrawn'`);
      expect((await bob.get(`/inbox/${invitationId}/${action}`)).statusCode).not.toBe(200);
    },
  );

  it('declines in the archive in two steps, next to the advice (R23, R28)', async () => {
    await closeInvitation(api.db, invitationId);
    const ignored = await given({ ignored: true });
    const { payload } = await bob.get('/archive');
    const details = /<details>(.*?)<\/details>/s.exec(payload)![1]!;
    expect(details).toMatch(
      /^<summary><span>I don’t know <bdi>Ann &lt;i>Lee&lt;\/i><\/bdi><\/span><\/summary>/,
    );
    expect(details).toContain(ADVICE);
    expect(details).toContain(`action="/archive/${ignored}/decline"`);
    expect(payload.split('<details>')[0]).not.toContain('decline');
    listsFollow((id) => closeInvitation(api.db, id));
    const page = await bob.press(`/archive/${ignored}/decline`, command());
    expect(saidOn(page)).toBe('Invitation removed. Ann &lt;i>Lee&lt;/i> can no longer invite you.');
    expect(api.channel.published).toMatchObject([
      { type: 'invitations.decline.v1', data: { invitationId: ignored, actorId: 'bob' } },
    ]);
  });

  it('shows the reason when it is refused, the same for missing invitations and for those of others (D4)', async () => {
    const said = new Map<string, string | undefined>();
    for (const code of REFUSAL_CODES) {
      api.channel.refuse(code);
      said.set(code, saidOn(await bob.press(`/inbox/${invitationId}/accept`, command())));
    }
    for (const code of ['NOT_FOUND', 'NOT_YOURS', 'NOT_OPEN']) expect(said.get(code)).toBe(NO_LONGER_OPEN);
    expect(said.get('ALREADY_ANSWERED')).toBe('This invitation has already been answered.');
    expect([...said.values()].every((text) => text !== undefined && !/[A-Z]_|\d/.test(text))).toBe(true);
  });
});

describe('a reply (R15)', () => {
  const url = () => `/inbox/${invitationId}/reply`;

  it('has a page that shows the invitation', async () => {
    const { statusCode, payload } = await bob.get(url());
    expect(statusCode).toBe(200);
    expect(payload).toContain('<h1>Reply to <bdi>Ann &lt;i>Lee&lt;/i></bdi></h1>');
    expect(payload).toContain('Hello &amp;');
    expect(payload).toContain('<label class="field" for="message">');
    expect(payload).toMatch(/<textarea id="message"[^>]* maxlength="4000" data-limit="2000"[^>]* required/);
  });

  it('is sent without the line ends of forms', async () => {
    listsFollow((id) => replyToInvitation(api.db, id));
    const page = await bob.press(url(), { ...command(), message: ' One\r\ntwo\u0007 \r\n' });
    expect(saidOn(page)).toBe('Reply sent to Ann &lt;i>Lee&lt;/i>');
    expect(api.channel.published).toMatchObject([
      { type: 'invitations.reply.v1', data: { invitationId, actorId: 'bob', message: 'One\ntwo' } },
    ]);
  });

  it('sends up to 2,000 code points, and returns an empty or longer text to its writer (D9)', async () => {
    listsFollow((id) => replyToInvitation(api.db, id));
    const most = '😀'.repeat(2000);
    expect((await bob.post(url(), { ...command(), message: most })).statusCode).toBe(303);
    for (const message of [`${most}😀`, '', ' \r\n ', '\u0007']) {
      const fields = command();
      const answer = await bob.post(url(), { ...fields, message });
      expect(answer.statusCode).toBe(422);
      expect(answer.payload).toContain(
        message.startsWith(most)
          ? 'Shorten it to 2,000 characters. Characters over the limit: 1<'
          : 'Write a message first.',
      );
      expect(answer.payload).toMatch(
        /<textarea[^>]* aria-describedby="error message-hint" aria-invalid="true"/,
      );
      expect(answer.payload).toContain(`>${message.trim()}</textarea>`);
      // A repeated id of a refused command would always be refused.
      expect(answer.payload).not.toContain(fields.commandId);
    }
    expect(api.channel.published).toHaveLength(1);
  });

  it('offers to accept in place of a second reply, whose text is not lost either (R18)', async () => {
    await replyToInvitation(api.db, invitationId);
    const { payload } = await bob.get(url());
    expect(payload).toContain('You replied. You can still accept.');
    expect(payload).toContain(`action="/inbox/${invitationId}/accept"`);
    expect(payload).not.toContain('<textarea');
    api.channel.refuse('ALREADY_ANSWERED');
    const second = await bob.post(url(), { ...command(), message: 'And when?' });
    expect(second.statusCode).toBe(422);
    expect(second.payload).toMatch(/<p id="error"[^>]*>This invitation has already been answered\.<\/p>/);
    expect(second.payload).toContain('>And when?</textarea>');
  });

  it('returns a text that came too late to its writer', async () => {
    await closeInvitation(api.db, invitationId);
    api.channel.refuse('NOT_OPEN');
    const late = await bob.post(url(), { ...command(), message: 'Where <b>did' });
    expect(late.statusCode).toBe(422);
    expect(late.payload).toContain(`${NO_LONGER_OPEN}</h1><p>Your message wasn’t sent:</p>`);
    expect(late.payload).toContain('>Where &lt;b>did</blockquote>');
  });

  it('escapes the text that it returns', async () => {
    const message = `</textarea><script>alert(1)</script>${'x'.repeat(2000)}`;
    const { payload } = await bob.post(url(), { ...command(), message });
    expect(payload).toContain('&lt;/textarea>&lt;script>');
  });

  it('redirects for an invitation that is not open or is another member’s', async () => {
    const cid = await PageVisitor.of(api, 'cid');
    const other = await cid.get(url());
    expect([other.statusCode, other.headers.location]).toEqual([303, '/inbox']);
    await closeInvitation(api.db, invitationId);
    const closed = await bob.get(url());
    expect([closed.statusCode, closed.headers['set-cookie'], closed.payload]).toEqual([
      303,
      other.headers['set-cookie'],
      other.payload,
    ]);
    expect(saidOn(await bob.get('/inbox'))).toBe(NO_LONGER_OPEN);
  });
});
