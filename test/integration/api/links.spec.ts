import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type LinkClaims, parseLinkKeys, signLink } from '#libs/mail';
import { actorOfCommand, REFUSAL_CODES } from '#libs/contracts';
import { type ApiHarness, openApiHarness, START_MS, LINK_KEYS } from './api-harness.js';
import { giveOutcomes } from '../../support/outcomes.js';
import {
  closeAccount,
  closeInvitation,
  forgetInvitations,
  giveInvitation,
  giveMember,
  giveRestored,
  restoreInvitation,
  supersedeInvitation,
} from './given-rows.js';

let api: ApiHarness;
let invitationId: string;
let numbered = 0;

const ALL_ON = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };

beforeAll(async () => {
  api = await openApiHarness();
  await giveMember(api.db, { id: 'ann', name: 'Ann <b>Lee</b>', profileUrl: 'javascript:alert(1)' });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  api.notification.requests = [];
  api.notification.answer = { status: 200, body: JSON.stringify(ALL_ON) };
  numbered += 1;
  const message = '<script>alert(1)</script>';
  invitationId = await giveInvitation(api.db, { n: numbered, inviterId: 'ann', recipientId: 'bob', message });
  api.channel.answer = async ({ commandId, data }) => {
    await closeInvitation(api.db, (data as { invitationId: string }).invitationId);
    return { commandId, outcome: 'accepted' };
  };
});

function link(change: Partial<LinkClaims> = {}, keys = LINK_KEYS): string {
  const expiresAt = new Date(Date.now() + 60_000);
  return `/l/${signLink(keys, { purpose: 'accept', memberId: 'bob', invitationId, expiresAt, ...change })}`;
}

const get = (url: string, method: 'GET' | 'HEAD' = 'GET') => api.inject({ method, url });
const post = (url: string, payload?: string, type = 'application/x-www-form-urlencoded') =>
  api.inject({
    method: 'POST',
    url,
    ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }),
  });

/** Returns the body that the form on a page submits. */
const pressOn = ({ payload }: { payload: string }) =>
  `press=${/name="press" value="([^"]+)"/.exec(payload)?.[1]}`;

describe('an accept link (R11, D12)', () => {
  it('shows the invitation and a button, and changes nothing on GET and HEAD', async () => {
    const url = link();
    const response = await get(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.payload).toMatch(
      /<form method="post" class="acts"><input type="hidden" name="press" value="[0-9a-f-]{36}"\/?><button type="submit" class="main">Accept<\/button><\/form>/,
    );
    const head = await get(url, 'HEAD');
    expect([head.statusCode, head.payload]).toEqual([200, '']);
    expect(api.channel.published).toEqual([]);
  });

  it('offers the other answers, which need a session', async () => {
    const { payload } = await get(link());
    for (const answer of ['reply', 'ignore'])
      expect(payload).toContain(`href="/inbox/${invitationId}/${answer}"`);
  });

  it('escapes text of members, and links only to web URLs', async () => {
    const { payload } = await get(link());
    expect(payload).toContain('Ann &lt;b>Lee&lt;/b>');
    expect(payload).not.toMatch(/<script(?! src="\/pages\/)|javascript:/);
  });

  it('accepts on POST as the member to whom the e-mail was sent', async () => {
    const response = await post(link());
    expect(response.statusCode).toBe(200);
    expect(response.payload).toContain('You and <bdi>Ann &lt;b>Lee&lt;/b></bdi> are now connected');
    expect(response.payload).toContain('href="mailto:ann@network.example"');
    expect(api.channel.published).toMatchObject([
      { type: 'invitations.accept.v1', data: { invitationId, actorId: 'bob', via: 'email' } },
    ]);
  });

  it('sends one command when a page is submitted twice at once, and both show success (D10)', async () => {
    const url = link();
    const press = pressOn(await get(url));
    const [first, again] = await Promise.all([post(url, press), post(url, press)]);
    expect(first.payload).toContain('are now connected');
    expect(again.payload).toBe(first.payload);
    expect(new Set(api.channel.published.map(({ commandId }) => commandId)).size).toBe(1);
  });

  it('sends another command from another page, with another link, and without a page', async () => {
    const url = link();
    const other = link({ expiresAt: new Date(Date.now() + 120_000) });
    const [first, second] = [pressOn(await get(url)), pressOn(await get(url))];
    for (const [address, press] of [
      [url, first],
      [url, second],
      [other, first],
    ] as const) {
      await post(address, press);
    }
    for (const payload of [undefined, '', 'press=1', 'press=&press=x']) await post(url, payload);
    expect(new Set(api.channel.published.map(({ commandId }) => commandId)).size).toBe(7);
  });

  it('works once: later GET and POST, even of the same page, show the page for what is not open', async () => {
    const url = link();
    const press = pressOn(await get(url));
    const { answer } = api.channel;
    api.channel.answer = async (command) => {
      const actorId = actorOfCommand(command);
      await giveOutcomes(api.db, [{ commandId: command.commandId, actorId }]);
      return answer(command);
    };
    expect((await post(url, press)).statusCode).toBe(200);
    api.channel.refuse('ALREADY_ANSWERED');
    const elsewhere = await post(`/l/x`);
    expect(elsewhere.statusCode).toBe(410);
    for (const used of [await post(url, press), await get(url), await post(url)]) {
      expect([used.statusCode, used.payload]).toEqual([410, elsewhere.payload]);
    }
  });

  it('says that the outcome is pending, and polling shows the outcome of the same attempt', async () => {
    const url = link();
    const press = pressOn(await get(url));
    const { answer } = api.channel;
    api.channel.answer = async () => undefined;
    const response = await post(url, press);
    expect(response.statusCode).toBe(202);
    const look = /name="look" value="([^"]+)"/.exec(response.payload)![1]!;
    expect(press).toBe(`press=${look}`);
    const { commandId } = api.channel.published[0]!;
    await giveOutcomes(api.db, [{ commandId, actorId: 'bob' }]);
    api.channel.answer = answer;
    expect((await post(url, `look=${look}`)).payload).toContain('are now connected');
    expect(api.channel.published.at(-1)!.commandId).toBe(commandId);
  });

  it('still works for a member who ignored the invitation (D5)', async () => {
    numbered += 1;
    const ignored = { n: numbered, inviterId: 'ann', recipientId: 'bob', ignored: true };
    const id = await giveInvitation(api.db, ignored);
    expect((await get(link({ invitationId: id }))).statusCode).toBe(200);
  });

  it('still works for a member who moved the invitation back to the inbox (D20)', async () => {
    numbered += 1;
    const id = await giveRestored(api.db, { n: numbered, inviterId: 'ann', recipientId: 'bob' });
    const page = await get(link({ invitationId: id }));
    expect(page.statusCode).toBe(200);
    expect((await post(link({ invitationId: id }), pressOn(page))).payload).toContain('are now connected');
    expect(api.channel.published).toMatchObject([{ data: { invitationId: id, actorId: 'bob' } }]);
    expect((await get(link({ invitationId: id }))).statusCode).toBe(410);
  });
});

describe('an accept link of an invitation that a follow-up has superseded (D16)', () => {
  /** Sends an invitation at a time, as the lists show it. */
  async function send(day: number, superseded?: string): Promise<string> {
    numbered += 1;
    const sentAt = `2026-02-${String(day).padStart(2, '0')}T00:00:00.000Z`;
    const id = await giveInvitation(api.db, {
      n: numbered,
      inviterId: 'eve',
      recipientId: 'bob',
      message: `day ${day}`,
      sentAt,
    });
    if (superseded !== undefined) {
      await supersedeInvitation(api.db, superseded);
    }
    return id;
  }
  const withdraw = async (id: string) => {
    await closeInvitation(api.db, id);
    await api.db.query(`UPDATE read_models.sent SET status = 'withdrawn' WHERE invitation_id = $1`, [id]);
  };
  const linkOf = (id: string, day?: number) =>
    link({
      invitationId: id,
      ...(day === undefined ? {} : { openAt: new Date(`2026-02-0${day}T00:00:00.000Z`) }),
    });
  const actionOn = ({ payload }: { payload: string }) => /action="([^"]+)"/.exec(payload)?.[1];

  beforeEach(() => forgetInvitations(api.db));
  afterAll(() => forgetInvitations(api.db));

  it('shows the follow-up, and accepts what it shows', async () => {
    const first = await send(1);
    const second = await send(2, first);
    const third = await send(3, second);
    const page = await get(linkOf(first, 1));
    expect([page.statusCode, page.payload.includes('day 3')]).toEqual([200, true]);
    const accepted = await post(actionOn(page)!, pressOn(page));
    expect(accepted.payload).toContain('are now connected');
    expect(api.channel.published).toMatchObject([{ data: { invitationId: third, actorId: 'bob' } }]);
    expect((await get(linkOf(first, 1))).statusCode).toBe(410);
  });

  it('shows the follow-up instead of accepting it, if it came after the page was shown', async () => {
    const first = await send(1);
    const url = linkOf(first, 1);
    const before = await get(url);
    await send(2, first);
    api.channel.refuse('NOT_OPEN');
    const page = await post(url, pressOn(before));
    expect([page.statusCode, page.payload.includes('day 2')]).toEqual([200, true]);
    expect(actionOn(page)).toMatch(/^\/l\//);
  });

  it('shows the follow-up from the archive (D1, D5)', async () => {
    const first = await send(1);
    const second = await send(2, first);
    await api.db.query('DELETE FROM read_models.inbox');
    await api.db.query('UPDATE read_models.archive SET ignored = true WHERE invitation_id = $1', [second]);
    expect((await get(linkOf(first, 1))).payload).toContain('day 2');
  });

  it('shows the follow-up that was ignored and moved back, once, and accepts it (D20)', async () => {
    const first = await send(1);
    const second = await send(2, first);
    await restoreInvitation(api.db, second);
    const page = await get(linkOf(first, 1));
    expect([page.statusCode, page.payload.split('day 2').length]).toEqual([200, 2]);
    expect((await post(actionOn(page)!, pressOn(page))).payload).toContain('are now connected');
    expect(api.channel.published).toMatchObject([{ data: { invitationId: second, actorId: 'bob' } }]);
  });

  it('shows the neutral page after a withdrawal, even of the follow-up, although a later invitation is open', async () => {
    const first = await send(1);
    const second = await send(2, first);
    await withdraw(second);
    await send(3);
    for (const url of [linkOf(first, 1), linkOf(second, 2), linkOf(first)])
      expect((await get(url)).statusCode).toBe(410);
  });

  it('shows the follow-up if the withdrawal was before the invitation of the link', async () => {
    await withdraw(await send(1));
    const second = await send(2);
    await send(3, second);
    expect((await get(linkOf(second, 2))).payload).toContain('day 3');
    // A link that does not say when its invitation was open could be older than the withdrawal.
    expect((await get(linkOf(second))).statusCode).toBe(410);
  });

  it('shows nothing of another inviter, and nothing to another member', async () => {
    const first = await send(1);
    await send(2, first);
    numbered += 1;
    await giveInvitation(api.db, { n: numbered, inviterId: 'ann', recipientId: 'bob' });
    const stranger = { invitationId: first, openAt: new Date('2026-02-01'), memberId: 'cid' };
    expect((await get(link(stranger))).statusCode).toBe(410);
    const other = linkOf(`fay.${randomUUID()}`, 1);
    expect((await get(other)).statusCode).toBe(410);
  });
});

describe('a link to something that is not open', () => {
  const forged = parseLinkKeys(`k1:${Buffer.alloc(32, 2).toString('base64url')}`);

  it('shows one page with one status, whatever the cause (D2)', async () => {
    const closed = link();
    await closeInvitation(api.db, invitationId);
    const seen = new Set<string>();
    const note = async (response: Awaited<ReturnType<typeof get>>) => {
      const { date: _date, 'x-request-id': _id, 'content-length': length, ...headers } = response.headers;
      seen.add(JSON.stringify([response.statusCode, length, headers, response.payload]));
    };
    const bad = [
      '/l/x',
      '/l/a.b.c',
      `/l/${'a'.repeat(5000)}`,
      link({}, forged),
      link({ expiresAt: new Date(Date.now() - 1) }),
      link({ invitationId: `ann.${randomUUID()}` }),
      link().slice(0, -1),
    ];
    for (const url of [closed, ...bad]) await note(await get(url));
    for (const code of REFUSAL_CODES) {
      api.channel.refuse(code);
      await note(await post(link()));
    }
    for (const url of bad) await note(await post(url));
    expect([...seen]).toHaveLength(1);
    expect([...seen][0]).toMatch(/^\[410/);
  });

  it('opens nothing of another member', async () => {
    expect((await get(link({ memberId: 'cid' }))).statusCode).toBe(410);
  });
});

describe('an unsubscribe link', () => {
  const path = '/internal/members/bob/email-preferences';

  it.each([
    ['reminders' as const, 'reminders'],
    [undefined, 'all'],
  ])('of kind %s changes nothing on GET and unsubscribes on POST (RFC 8058)', async (kind, which) => {
    const url = link({ purpose: 'unsubscribe', ...(kind === undefined ? {} : { kind }) });
    expect((await get(url)).statusCode).toBe(200);
    expect(api.notification.requests).toEqual([]);
    const response = await post(url, 'List-Unsubscribe=One-Click');
    expect(response.statusCode).toBe(200);
    expect(api.notification.requests.map(({ method, url }) => [method, url])).toEqual([
      ['DELETE', `${path}/${which}`],
    ]);
    expect(api.channel.published).toEqual([]);
  });

  it('names the kind and its reader, and can be undone', async () => {
    await giveMember(api.db, { id: 'bob', name: 'Bob <b>Ray</b>' });
    const url = link({ purpose: 'unsubscribe', kind: 'reminders' });
    expect((await get(url)).payload).toContain('<h1>Stop reminders about invitations?</h1>');
    api.notification.answer.body = JSON.stringify({ ...ALL_ON, reminders: false, replies: false });
    const stopped = await post(url, 'List-Unsubscribe=One-Click');
    expect(stopped.payload).toContain(
      'For <bdi>Bob &lt;b>Ray&lt;/b></bdi> (<bdi>bo…\u2060@network.example</bdi>)',
    );
    expect(stopped.payload).toContain('<input type="hidden" name="resume" value="1"');
    await post(url, 'resume=1');
    expect(api.notification.requests.at(-1)).toMatchObject({ method: 'PUT' });
    expect(JSON.parse(api.notification.requests.at(-1)!.body)).toEqual({ ...ALL_ON, replies: false });
  });

  it('does not say for whom it is once the account of its reader is closed (D23)', async () => {
    await giveMember(api.db, { id: 'left', name: 'Lea Left' });
    const url = link({ purpose: 'unsubscribe', kind: 'reminders', memberId: 'left' });
    expect((await get(url)).payload).toContain('Lea Left');
    await closeAccount(api.db, 'left');
    expect((await get(url)).payload).not.toMatch(/Lea Left|@network/);
  });

  it('accepts the one-click form as multipart', async () => {
    const form =
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n';
    const url = link({ purpose: 'unsubscribe' });
    expect((await post(url, form, 'multipart/form-data; boundary=x')).statusCode).toBe(200);
  });

  it('asks to come back when the preferences are unavailable', async () => {
    api.notification.answer = { status: 500, body: '' };
    const response = await post(link({ purpose: 'unsubscribe' }));
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.headers['content-type']).toMatch(/^text\/html/);
  });
});

describe('a preferences link', () => {
  it('shows and saves the preferences without signing in', async () => {
    const url = link({ purpose: 'preferences' });
    const page = await get(url);
    expect(page.payload.match(/type="checkbox"/g)).toHaveLength(5);
    const saved = await post(url, 'all=on&replies=on&admin=on');
    expect(saved.statusCode).toBe(200);
    expect(JSON.parse(api.notification.requests.at(-1)!.body)).toEqual({
      all: true,
      invitations: false,
      reminders: false,
      acceptances: false,
      replies: true,
    });
    expect((await post(url, '{}', 'application/json')).statusCode).toBe(400);
  });
});

describe('an api without link keys', () => {
  it(
    'no link is good',
    async () => {
      const keyless = await openApiHarness({}, null);
      try {
        expect((await keyless.inject({ url: link() })).statusCode).toBe(410);
      } finally {
        await keyless.stop();
      }
    },
    START_MS,
  );
});
