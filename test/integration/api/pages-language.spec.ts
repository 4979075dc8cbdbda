import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ARABIC } from '../../../apps/api/src/pages/texts/arabic.js';
import { ENGLISH } from '../../../apps/api/src/pages/texts/english.js';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';
import { giveInvitation, giveMember } from './given-rows.js';
import { PageVisitor, saidOn } from './page-visitor.js';

let api: ApiHarness;
let bob: PageVisitor;
let invitationId: string;

const PAGES = ['/inbox', '/archive', '/sent', '/connections', '/preferences'];
const ALL_ON = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };

beforeAll(async () => {
  api = await openApiHarness();
  api.notification.answer = { status: 200, body: JSON.stringify(ALL_ON) };
  await giveMember(api.db, { id: 'ann', name: 'Ann Lee', profileUrl: 'https://x.example/ann' });
  await giveMember(api.db, { id: 'bob', name: 'Bob\u202e Ray\u2069' });
  const of = { inviterId: 'ann', recipientId: 'bob' };
  invitationId = await giveInvitation(api.db, { n: 1, ...of });
  await giveInvitation(api.db, { n: 2, ...of, ignored: true });
  await giveInvitation(api.db, { n: 3, inviterId: 'bob', recipientId: 'ann' });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  bob = await PageVisitor.of(api, 'bob');
});

const lang = ({ payload }: { payload: string }) => /<html lang="(..)" dir="(...)">/.exec(payload)?.slice(1);

describe('the language of a page (D14)', () => {
  it.each([
    [undefined, ['en', 'ltr']],
    ['ar-EG,ar;q=0.9,en;q=0.8', ['ar', 'rtl']],
    ['de, ar;q=0.5', ['ar', 'rtl']],
    ['en, ar', ['en', 'ltr']],
    ['de', ['en', 'ltr']],
  ])('follows the browser’s preference: %s', async (accepted, expected) => {
    if (accepted !== undefined) bob.headers = { ...bob.headers, 'accept-language': accepted };
    for (const url of [...PAGES, '/l/x']) expect(lang(await bob.get(url))).toEqual(expected);
  });

  it('stays as chosen on every page, signed in or not', async () => {
    const page = await bob.get('/inbox?lang=ar');
    expect(page.headers['set-cookie']).toBe(
      'lang=ar; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure',
    );
    expect(page.headers['content-language']).toBe('ar');
    for (const url of [...PAGES, '/l/x']) expect(lang(await bob.get(url))).toEqual(['ar', 'rtl']);
    bob.cookies.delete('__Host-session');
    expect(lang(await bob.get('/inbox'))).toEqual(['ar', 'rtl']);
    expect(lang(await bob.get('/inbox?lang=en'))).toEqual(['en', 'ltr']);
  });

  it.each(['/inbox?lang=xx', '/inbox?lang=ar&lang=en', '/inbox?lang=', '/inbox?lang=__proto__'])(
    'is not changed by %s',
    async (url) => {
      const page = await bob.get(url);
      expect([page.statusCode, lang(page), page.headers['set-cookie']]).toEqual([
        200,
        ['en', 'ltr'],
        undefined,
      ]);
    },
  );

  it('can be switched on every page without leaving it', async () => {
    for (const url of [...PAGES, `/inbox/${invitationId}/reply`, '/l/x']) {
      const { payload } = await bob.get(url);
      expect(payload).toContain('<a href="?lang=ar" lang="ar" hreflang="ar">العربية</a>');
      expect(payload).toContain('<a href="?lang=en" lang="en" hreflang="en" aria-current="true">English</a>');
    }
    const cursor = Buffer.from('2026-01-01T00:00:00.000Z ann.z').toString('base64url');
    const { payload } = await bob.get(`/inbox?cursor=${cursor}&lang=en`);
    expect(payload).toContain(`href="?cursor=${cursor}&amp;lang=ar"`);
  });

  it('translates every text: no Arabic page contains an English one', async () => {
    bob.cookies.set('lang', 'ar');
    const urls = [
      ...PAGES,
      `/inbox/${invitationId}/reply`,
      `/sent/bob.${invitationId.split('.')[1]!.replace('1', '3')}/follow-up`,
      '/l/x',
    ];
    api.channel.refuse('NOT_OPEN');
    const pages = [
      ...(await Promise.all(urls.map((url) => bob.get(url)))),
      await bob.press(`/inbox/${invitationId}/ignore`, { commandId: randomUUID() }),
    ];
    for (const { payload } of pages) {
      const words = payload
        .replaceAll(/<style>.*?<\/style>|<bdi>.*?<\/bdi>|>English</gs, '')
        .replaceAll(/(?:aria-label|data-(?!news)[a-z-]+)="([^"]*)"/g, '>$1<')
        .replaceAll(/<[^>]+>/g, ' ');
      expect(words.replaceAll(/Ann Lee|Bob Ray/g, '')).not.toMatch(/[A-Za-z]/);
    }
  });

  it('writes dates in Latin digits, like the URLs around them', async () => {
    expect((await bob.get('/inbox?lang=ar')).payload).toMatch(
      /<time[^>]* title="1 يناير 2026">1 يناير 2026<\/time>/,
    );
  });
});

describe('a name of the other direction', () => {
  it('is isolated and cannot reorder the sentence around it', async () => {
    const ann = await PageVisitor.of(api, 'ann');
    const { payload } = await ann.get('/sent?lang=ar');
    expect(payload).toContain('<bdi>Bob Ray</bdi>');
    expect(payload).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    bob.cookies.set('notice', `accepted~${invitationId}`);
    expect(saidOn(await bob.get('/inbox?lang=ar'))).toBe('أصبحت على تواصل مع Ann Lee');
  });
});

describe('both languages', () => {
  it('have a text of their own for every key', () => {
    const pathsIn = (value: unknown, at = ''): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, `${at}.${name}`))
        : [at];
    expect(pathsIn(ARABIC)).toEqual(pathsIn(ENGLISH));
  });
});
