import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, PUBLIC_URL, START_MS } from './api-harness.js';
import { forgetInvitations, giveInvitation, giveMember, replyToInvitation } from './given-rows.js';
import { PageVisitor } from './page-visitor.js';

let api: ApiHarness;
let bob: PageVisitor;

const ALL_ON = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };

beforeAll(async () => {
  api = await openApiHarness({
    SIGN_IN_URL: 'https://sign-in.example/',
    NETWORK_NAME: 'Net & Work',
    SUPPORT_URL: 'mailto:help@network.example',
  });
  api.notification.answer = { status: 200, body: JSON.stringify(ALL_ON) };
  await giveMember(api.db, { id: 'bob', name: 'Bob <b>Ray</b>' });
  await giveMember(api.db, { id: 'ann', name: 'Ann Lee', headline: 'Analyst' });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  await forgetInvitations(api.db);
  bob = await PageVisitor.of(api, 'bob');
});

const give = async (count: number) => {
  for (let n = 1; n <= count; n += 1)
    await giveInvitation(api.db, { n, inviterId: 'ann', recipientId: 'bob' });
};
const titleOf = ({ payload }: { payload: string }) => /<title>([^<]*)<\/title>/.exec(payload)?.[1];

describe('the header of a page', () => {
  it('names the network and the member, and how many invitations wait', async () => {
    await give(3);
    const inbox = await bob.get('/inbox');
    expect(titleOf(inbox)).toBe('Inbox (3) · Net &amp; Work');
    for (const page of [inbox, await bob.get('/sent')]) {
      expect(page.payload).toContain('<bdi>Net &amp; Work</bdi>');
      expect(page.payload).toContain('<bdi>Bob &lt;b>Ray&lt;/b></bdi>');
      expect(page.payload).toContain(
        '<span aria-hidden="true">3</span><span class="unseen">3 invitations waiting</span>',
      );
      expect(page.payload).toContain('href="mailto:help@network.example"');
    }
  });

  it('shows no number for an empty inbox, and none above 99', async () => {
    const empty = await bob.get('/inbox');
    expect([titleOf(empty), empty.payload.includes('<span class="badge" hidden>')]).toEqual([
      'Inbox · Net &amp; Work',
      true,
    ]);
    await give(101);
    expect(titleOf(await bob.get('/inbox'))).toBe('Inbox (99+) · Net &amp; Work');
  });

  it('names nobody on a page for those who are not signed in', async () => {
    for (const url of ['/inbox', '/l/x', '/nowhere']) {
      const { payload } = await api.inject({ url, headers: { accept: 'text/html' } });
      expect(payload).toContain('<bdi>Net &amp; Work</bdi>');
      expect(payload).not.toMatch(/Bob|sign-out|aria-current="page"/);
    }
  });

  it('has an icon, which browsers may cache', async () => {
    const icon = await api.inject({
      url: /<link rel="icon" href="([^"]+)"/.exec((await bob.get('/inbox')).payload)![1]!,
    });
    expect([icon.statusCode, icon.headers['content-type']]).toEqual([200, 'image/svg+xml']);
    expect(icon.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });
});

describe('the news of an inbox that stays open', () => {
  const news = async (url: string) => JSON.parse((await bob.get(url)).payload) as Record<string, unknown>;

  it('count what waits, and what came after the newest invitation on the page', async () => {
    expect(await news('/inbox/news')).toMatchObject({ waiting: 0, title: 'Inbox', fresh: '' });
    await give(1);
    const url = /data-news="([^"]+)"/.exec((await bob.get('/inbox')).payload)![1]!;
    expect(await news(url)).toMatchObject({ waiting: 1, badge: '1', title: 'Inbox (1)', fresh: '' });
    const later = { inviterId: 'ann', recipientId: 'bob', sentAt: '2026-01-02T00:00:00.000Z' };
    await giveInvitation(api.db, { n: 2, ...later });
    expect(await news(url)).toMatchObject({ waiting: 2, fresh: '1 new invitation', show: 'Show' });
    bob.cookies.set('lang', 'ar');
    expect(await news(url)).toMatchObject({ fresh: 'دعوة جديدة واحدة', title: 'الوارد (2)' });
    const ann = await PageVisitor.of(api, 'ann');
    expect(JSON.parse((await ann.get(url)).payload)).toMatchObject({ waiting: 0, fresh: '' });
  });

  it.each(['x', '', '2026', '0001-01-01T00:00:00.000Z', '2026-99-01T00:00:00.000Z'])(
    'are refused for the instant %j',
    async (after) => {
      expect((await bob.get(`/inbox/news?after=${after}`)).statusCode).toBe(400);
    },
  );

  it('are for nobody without a session', async () => {
    expect((await api.inject({ url: '/inbox/news' })).statusCode).toBe(401);
  });
});

describe('the start page', () => {
  it('leads to the inbox', async () => {
    const answer = await bob.get('/');
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/inbox']);
    expect((await api.inject({ url: '/' })).statusCode).toBe(401);
  });
});

describe('signing out', () => {
  it('deletes the session and says so', async () => {
    const answer = await bob.post('/sign-out', {});
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['set-cookie']).toBe(
      '__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    );
    expect(answer.payload).toContain('<h1>You’re signed out</h1>');
    expect(answer.payload).toContain(encodeURIComponent(`${PUBLIC_URL}/inbox`));
    expect(answer.payload).not.toContain('Bob');
    expect((await bob.get('/inbox')).statusCode).toBe(401);
  });

  it('is not done by another site', async () => {
    bob.headers = { 'sec-fetch-site': 'cross-site' };
    const answer = await bob.post('/sign-out', {});
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });
});

describe('a dead end', () => {
  it.each([
    ['/inbox?cursor=x', 400],
    ['/nowhere', 404],
    ['/members/stranger', 404],
    ['/l/x', 410],
  ])('%s links to the inbox', async (url, status) => {
    bob.headers = { ...bob.headers, accept: 'text/html' };
    const { statusCode, payload } = await bob.get(url);
    expect(statusCode).toBe(status);
    expect(payload).toMatch(/<main.*<a class="button main" href="\/inbox">/s);
  });
});

describe('/connections', () => {
  it('shows with whom the member is connected, and how to reach them', async () => {
    expect((await bob.get('/connections')).payload).toContain('No connections yet.');
    await api.db.query(`INSERT INTO read_models.connections VALUES ('bob ann', 'bob', 'ann', '2026-01-01')`);
    await api.db.query(
      `INSERT INTO read_models.connections VALUES ('bob gone', 'bob', 'gone', '2026-01-02')`,
    );
    const { payload } = await bob.get('/connections');
    expect(payload).toMatch(/gone.*Ann Lee.*Analyst/s);
    expect(payload).toContain('href="mailto:ann@network.example"');
    const ann = await PageVisitor.of(api, 'ann');
    expect((await ann.get('/connections')).payload).not.toContain('<article');
  });
});

describe('a page of a network with a logo', () => {
  it('shows the logo, the one picture that the policy admits from elsewhere', async () => {
    const other = await openApiHarness({ NETWORK_LOGO_URL: 'https://cdn.network.example/logo.svg?v=1&s=2' });
    try {
      const { payload, headers } = await (await PageVisitor.of(other, 'bob')).get('/inbox');
      expect([...payload.matchAll(/<img [^>]*>/g)].map(([tag]) => tag)).toEqual([
        '<img src="https://cdn.network.example/logo.svg?v=1&amp;s=2" alt height="28"/>',
      ]);
      expect(headers['content-security-policy']).toContain("; img-src 'self' https://cdn.network.example; ");
    } finally {
      await other.stop();
    }
  });
});

describe('a member who can send nothing', () => {
  it('is told before writing, with a link to the support and no number (R26, R29)', async () => {
    await giveInvitation(api.db, { n: 1, inviterId: 'bob', recipientId: 'ann' });
    const banner = 'You can’t send invitations at the moment.';
    expect((await bob.get('/sent')).payload).not.toContain(banner);
    await api.db.query(`INSERT INTO read_models.account_restriction VALUES ('bob', true, now())`);
    for (const url of ['/sent', '/sent/bob.00000000-0000-4000-8000-000000000001/follow-up'])
      expect((await bob.get(url)).payload).toContain(
        `<div class="said bad"><p>${banner}</p><a class="way" href="mailto:help@network.example">Contact support</a></div>`,
      );
    await api.db.query('UPDATE read_models.account_restriction SET restricted = false');
    expect((await bob.get('/sent')).payload).not.toContain(banner);
  });

  it('is told that they have reached the limit, without the number (R2, R3)', async () => {
    await giveInvitation(api.db, { n: 1, inviterId: 'bob', recipientId: 'ann' });
    const banner = 'You can’t send any more invitations from this account.';
    await giveMember(api.db, { id: 'carl', name: 'Carl' });
    const giveSent = (sent: number) =>
      api.db.query(
        `INSERT INTO read_models.account_state VALUES ('bob', 1, $1)
         ON CONFLICT (key) DO UPDATE SET state = excluded.state`,
        [{ fold: 1, eventId: 'e', sent, restricted: false, declinedBy: ['carl'] }],
      );
    await giveSent(2_999);
    expect((await bob.get('/sent')).payload).not.toContain(banner);
    await giveSent(3_000);
    for (const url of ['/sent', '/sent/bob.00000000-0000-4000-8000-000000000001/follow-up', '/invite/carl']) {
      const { payload } = await bob.get(url);
      expect(payload).toContain(banner);
      expect(payload).not.toMatch(/3.?000/);
    }
    const ann = await PageVisitor.of(api, 'ann');
    expect((await ann.get('/sent')).payload).not.toContain(banner);
  });
});

describe('the page that "Not now" leads to', () => {
  it('changes nothing on GET, and its button ignores (D12, R19)', async () => {
    await give(1);
    const url = '/inbox/ann.00000000-0000-4000-8000-000000000001/ignore';
    const { statusCode, payload } = await bob.get(url);
    expect(statusCode).toBe(200);
    expect(payload).toContain(`<form method="post" action="${url}">`);
    expect(payload).toContain('isn’t told');
    expect(api.channel.published).toEqual([]);
    const ann = await PageVisitor.of(api, 'ann');
    const other = await ann.get(url);
    expect([other.statusCode, other.headers.location]).toEqual([303, '/inbox']);
  });
});

describe('the weight of a page', () => {
  /** In bytes, with the styles: what a phone on a slow network loads before it shows anything. */
  const MOST = 30_000;

  it.each(['/inbox', '/archive', '/sent', '/connections', '/preferences', '/l/x'])(
    '%s is small, shows its content without the script, and loads nothing from elsewhere',
    async (url) => {
      const { payload } = await bob.get(url);
      expect(Buffer.byteLength(payload)).toBeLessThan(MOST);
      const loaded = [...payload.matchAll(/<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"/g)];
      expect(loaded.map(([, address]) => address)).toEqual([
        expect.stringMatching(/^\/pages\/[0-9a-f]+\.svg$/),
        expect.stringMatching(/^\/pages\/[0-9a-f]+\.js$/),
      ]);
      expect(payload).toMatch(/<script src="[^"]+" defer/);
      expect(payload).toMatch(/<main.*<h1>\S/s);
    },
  );

  it.each(['en', 'ar'].flatMap((lang) => ['inbox', 'archive', 'sent'].map((list) => [list, lang] as const)))(
    'is kept by a whole page of the %s in %s, with the longest messages (D9)',
    async (list, lang) => {
      const message = (lang === 'en' ? 'x' : 'ش').repeat(300);
      for (let n = 1; n <= 16; n += 1) {
        const [inviterId, recipientId] = list === 'sent' ? ['bob', `m${n}`] : ['ann', 'bob'];
        const ignored = list === 'archive';
        await giveInvitation(api.db, { n, inviterId, recipientId, message, ignored });
      }
      const { payload } = await bob.get(`/${list}?lang=${lang}`);
      expect(payload.match(/<article/g)).toHaveLength(list === 'archive' ? 9 : 11);
      expect(Buffer.byteLength(payload)).toBeLessThan(MOST);
    },
  );

  it.each(['x', 'ش', '😀'])(
    'is kept by the pages of sent invitations with the longest replies of %s, which show each of them',
    async (character) => {
      for (let n = 1; n <= 16; n += 1) {
        const [inviterId, recipientId] = ['bob', `m${n}`];
        const message = character.repeat(300);
        const id = await giveInvitation(api.db, { n, inviterId, recipientId, message });
        await replyToInvitation(api.db, id, character.repeat(1_990) + ` of m${n}.`);
      }
      const replies: string[] = [];
      let address: string | undefined = '/sent';
      while (address !== undefined) {
        const { payload } = await bob.get(address);
        expect(Buffer.byteLength(payload)).toBeLessThan(MOST);
        replies.push(...[...payload.matchAll(/ of (m\d+)\.<\/blockquote>/g)].map(([, member]) => member!));
        address = /href="(\/sent\?cursor=[^"]+)"/.exec(payload)?.[1];
      }
      expect(replies.toSorted()).toEqual(Array.from({ length: 16 }, (_, n) => `m${n + 1}`).toSorted());
    },
  );
});
