import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { noBrowser } from '../../support/browser.js';
import type { MemberAtApi } from '../../support/member.js';
import { until } from '../../support/until.js';
import { wordsOf, type Lang } from './members-browser.js';
import { MembersHarness } from './members-harness.js';

// A browser and a whole service on a machine that may be busy.
jest.setTimeout(300_000);

/** 100 characters without a place to break. */
const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 100);

/** Pages on small screens, in large type and in few colours. */
(noBrowser === undefined ? describe : describe.skip)('a page', () => {
  let members: MembersHarness;
  let long: MemberAtApi;
  let recipient: MemberAtApi;
  const invitations: string[] = [];

  beforeAll(async () => {
    members = await MembersHarness.start();
    [long, recipient] = await Promise.all([
      members.newMember([LONG, LONG]),
      members.newMember(['Bilal Osman', 'Site reliability engineer']),
    ]);
    invitations.push(await members.invite(long, recipient, LONG));
    const others = await Promise.all(Array.from({ length: 8 }, () => members.newMember()));
    for (const other of others) invitations.push(await members.invite(other, recipient));
    const another = await members.newMember();
    const id = await members.invite(long, another, LONG);
    assert.equal((await another.request('POST', `/v1/invitations/${id}/accept`)).status, 200);
  }, 300_000);
  afterAll(() => members?.stop());

  const overflow = (page: Page) =>
    page.evaluate(
      `[...document.querySelectorAll('body *')].filter((element) => !element.closest('.unseen, .skip') &&
        element.getBoundingClientRect().right > innerWidth + 0.5).map((element) => element.outerHTML.slice(0, 120))
        .concat(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : [])`,
    );

  it.each<[Lang, number]>([
    ['en', 640],
    ['ar', 640],
    // 1280 by 1024 pixels at 400 %.
    ['en', 256],
  ])(
    'does not scroll sideways at 320 pixels with a name of 100 characters: %s, %d pixels high (WCAG 1.4.10)',
    async (lang, height) => {
      const settings = { lang, width: 320 };
      const [mine, theirs, stranger] = [
        await members.open(recipient, settings),
        await members.open(long, settings),
        await members.open(await members.newMember(), settings),
      ];
      const [id] = invitations;
      const visits: [Page, string][] = [
        [mine, '/inbox'],
        [mine, '/archive'],
        [mine, `/inbox/${id}/reply`],
        [mine, `/inbox/${id}/ignore`],
        [mine, `/members/${long.id}`],
        [mine, `/invite/${long.id}`],
        [stranger, `/invite/${long.id}`],
        [theirs, '/inbox'],
        [theirs, '/sent'],
        [theirs, `/sent/${id}/follow-up`],
        [theirs, '/connections'],
        [theirs, '/preferences'],
      ];
      for (const [page, path] of visits) {
        await page.setViewportSize({ width: 320, height });
        await page.goto(path);
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect([path, await overflow(page)]).toEqual([path, []]);
        // What is at the end of the page can be reached.
        const end = page.getByRole('link', { name: 'العربية' });
        await end.scrollIntoViewIfNeeded();
        expect([path, await end.isVisible()]).toEqual([path, true]);
      }
      await Promise.all([mine, theirs, stranger].map((page) => page.context().close()));
    },
  );

  it('marks only the current tab in forced colours', async () => {
    const page = await members.open(recipient, { lang: 'en' });
    await page.emulateMedia({ forcedColors: 'active' });
    await page.goto('/archive');
    const marked = await page.evaluate(
      `[...document.querySelectorAll('header nav a')].filter((tab) => getComputedStyle(tab).borderBlockEndWidth !== '0px')
        .map((tab) => tab.getAttribute('href'))`,
    );
    expect(marked).toEqual(['/archive']);
    await page.context().close();
  });

  it.each([true, false])(
    'keeps the place and the focus where the action was, JavaScript: %s',
    async (javaScript) => {
      const page = await members.open(recipient, { lang: 'en', javaScript, width: 360 });
      await page.goto('/inbox');
      const cards = page.getByRole('article');
      const before = await cards.count();
      const next = await cards.nth(5).getByRole('button').first().getAttribute('aria-label');
      await cards
        .nth(4)
        .getByRole('button', { name: /^Ignore/ })
        .click();
      await page.getByText(/Moved to your archive/).waitFor();
      await until(async () => (await cards.count()) === before - 1, 60_000, 'the row is gone');
      const place = await page.evaluate(
        `(({ top, bottom }) => [document.activeElement.getAttribute('role'), top >= 0 && bottom <= innerHeight])
          (document.activeElement.getBoundingClientRect())`,
      );
      expect(place).toEqual(['status', true]);
      // "Undo", the link to the archive and "I don't know …", then the next invitation.
      for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          `document.activeElement.closest('article').querySelector('button').getAttribute('aria-label')`,
        ),
      ).toBe(next);
      await page.context().close();
    },
  );

  it('tells screen readers how many characters are left, once the typing pauses', async () => {
    const page = await members.open(recipient, { lang: 'ar' });
    await page.goto(`/inbox/${invitations[0]}/reply`);
    await page.getByLabel(wordsOf('ar').replyText).fill('ش'.repeat(2100));
    const spoken = page.locator('[aria-live=polite]');
    await until(
      async () => (await spoken.textContent()) === 'الأحرف الزائدة على الحد: 100',
      60_000,
      'the count for screen readers',
    );
    await page.context().close();
  });
});
