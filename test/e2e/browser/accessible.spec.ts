import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { type LinkClaims, parseLinkKeys, signLink } from '#libs/mail';
import { noBrowser, openBrowser } from '../../support/browser.js';
import { MemberAtApi } from '../../support/member.js';
import { killTree } from '../../support/process-tree.js';
import { newFolder, removeFolder, startEmbedded, type Standalone } from '../../support/standalone.js';
import { until } from '../../support/until.js';
import { browserOf, wordsOf, type Lang } from './members-browser.js';

// Not by console.log, which Jest suppresses if every test of a file is skipped.
if (noBrowser !== undefined) process.stderr.write(`${noBrowser}\n`);

// A browser and a whole service on a machine that may be busy.
jest.setTimeout(300_000);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Checks every page in both languages for members who are blind, use no mouse, or have a small phone. */
(noBrowser === undefined ? describe : describe.skip)('every page', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let browser: Browser;
  let amal: MemberAtApi;
  let bilal: MemberAtApi;
  const invitations: Record<string, string> = {};

  beforeAll(async () => {
    [standalone, browser] = await Promise.all([startEmbedded(dir), openBrowser()]);
    const members = await Promise.all(
      ['amal', 'bilal', 'chiara', 'dalia'].map((id) => MemberAtApi.of(standalone, id)),
    );
    const [, , chiara, dalia] = ([amal, bilal] = members as [MemberAtApi, MemberAtApi]) && members;
    await invite(dalia!, bilal, 'أهلًا بلال، سررت بلقائك في مؤتمر الموثوقية. هل نبقى على تواصل؟');
    await invite(amal, bilal, 'We met at the event store meetup.\nShall we keep in touch?');
    await invite(chiara!, bilal, 'Your talk on error budgets was excellent.');
    await invite(amal, chiara!, 'I read your article on replaying streams.');
    await invite(amal, dalia!);
    await answer(chiara!, `${invitations['amal chiara']}/accept`);
    await answer(bilal, `${invitations['chiara bilal']}/ignore`);
    await answer(bilal, `${invitations['dalia bilal']}/reply`, { message: 'من أين نعرف بعضنا؟' });
    await answer(bilal, `${invitations['dalia bilal']}/ignore`);
    await answer(amal, `${invitations['amal dalia']}/withdraw`);
    await bilal.untilListed('archive', invitations['dalia bilal']!);
    for (const expected of ['withdrawn', 'accepted'])
      await until(
        async () => (await amal.list('sent')).some(({ status }) => status === expected),
        60_000,
        `an invitation that is ${expected}`,
      );
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    if (standalone !== undefined) killTree(standalone.pid);
    removeFolder(dir);
  });

  async function invite(from: MemberAtApi, to: MemberAtApi, message?: string): Promise<void> {
    const send = () => from.request('POST', '/v1/invitations', { recipientId: to.id, message });
    await until(
      async () => {
        const response = await send();
        if (!response.ok) return false;
        const { invitationId } = (await response.json()) as { invitationId: string };
        invitations[`${from.id} ${to.id}`] = invitationId;
        await to.untilListed('inbox', invitationId);
        return true;
      },
      60_000,
      `an invitation from ${from.id} to ${to.id}`,
    );
  }

  async function answer(member: MemberAtApi, path: string, body?: unknown): Promise<void> {
    expect((await member.request('POST', `/v1/invitations/${path}`, body)).status).toBe(200);
  }

  /** Returns a link as e-mails contain it. */
  function link(purpose: LinkClaims['purpose']): string {
    const keys = parseLinkKeys(readFileSync(join(dir, 'identity/link-keys.txt'), 'utf8'));
    const invitationId = invitations['amal bilal']!;
    const expiresAt = new Date(Date.now() + 3_600_000);
    return `/l/${signLink(keys, { purpose, memberId: 'bilal', invitationId, expiresAt })}`;
  }

  const openDetails = async (page: Page) => {
    for (const summary of await page.locator('summary').all()) await summary.click();
  };

  interface Visit {
    readonly name: string;
    readonly as?: 'amal' | 'bilal';
    readonly path: () => string;
    readonly act?: (page: Page, lang: Lang) => Promise<void>;
  }

  const VISITS: readonly Visit[] = [
    { name: 'the inbox', as: 'bilal', path: () => '/inbox' },
    { name: 'an empty inbox', as: 'amal', path: () => '/inbox' },
    { name: 'the archive, with the advice', as: 'bilal', path: () => '/archive', act: openDetails },
    { name: 'the sent list', as: 'amal', path: () => '/sent', act: openDetails },
    { name: 'the connections', as: 'amal', path: () => '/connections' },
    {
      name: 'an invitation to ignore',
      as: 'bilal',
      path: () => `/inbox/${invitations['amal bilal']}/ignore`,
    },
    { name: 'an unknown page', as: 'bilal', path: () => '/nowhere' },
    { name: 'the preferences', as: 'bilal', path: () => '/preferences' },
    {
      name: 'the preferences, saved',
      as: 'bilal',
      path: () => '/preferences',
      act: async (page, lang) => {
        await page.getByRole('button', { name: wordsOf(lang).save }).click();
        await page.getByRole('status').waitFor();
      },
    },
    { name: 'a reply', as: 'bilal', path: () => `/inbox/${invitations['amal bilal']}/reply` },
    {
      name: 'the page of a reply that was sent',
      as: 'bilal',
      path: () => `/archive/${invitations['dalia bilal']}/reply`,
    },
    {
      name: 'a follow-up that is refused',
      as: 'amal',
      path: () => `/sent/${invitations['amal dalia']}/follow-up`,
      act: async (page, lang) => {
        await page.getByLabel(wordsOf(lang).followUpEmail).fill('somebody@else.example');
        await page.getByRole('button', { name: wordsOf(lang).sendFollowUp }).click();
        await page.getByRole('alert').waitFor();
      },
    },
    { name: 'a follow-up', as: 'amal', path: () => `/sent/${invitations['amal bilal']}/follow-up` },
    { name: 'an invitation page', as: 'bilal', path: () => '/invite/emre' },
    { name: 'an invitation page that needs an address', as: 'amal', path: () => '/invite/dalia' },
    { name: 'an invitation page of a connection', as: 'amal', path: () => '/invite/chiara' },
    { name: 'the page of oneself', as: 'amal', path: () => '/members/amal' },
    { name: 'the page of a connection', as: 'amal', path: () => '/members/chiara' },
    { name: 'the page of a member who was invited', as: 'amal', path: () => '/members/bilal' },
    { name: 'the page of a member who can be invited', as: 'amal', path: () => '/members/dalia' },
    { name: 'the page of an inviter', as: 'bilal', path: () => '/members/amal' },
    { name: 'the page of an inviter in the archive', as: 'bilal', path: () => '/members/dalia' },
    { name: 'a search without a result', as: 'amal', path: () => '/sent?q=nobody' },
    { name: 'a link that accepts', path: () => link('accept') },
    { name: 'a link to the preferences', path: () => link('preferences') },
    { name: 'a link that ends e-mails', path: () => link('unsubscribe') },
    { name: 'a link that is no longer good', path: () => '/l/x' },
    { name: 'a page for who is not signed in', path: () => '/inbox' },
    {
      name: 'the page to sign in',
      path: () => '/inbox',
      act: async (page) => {
        await page.locator('main a').click();
        await page.waitForURL('**/sign-in**');
      },
    },
    // The last one, because it signs out.
    {
      name: 'the page for who has signed out',
      as: 'bilal',
      path: () => '/inbox',
      act: async (page, lang) => {
        await page.getByRole('button', { name: wordsOf(lang).signOut }).click();
        await page.getByRole('heading', { name: wordsOf(lang).signedOut }).waitFor();
      },
    },
  ];

  const member = (id: Visit['as']) => (id === undefined ? undefined : id === 'amal' ? amal : bilal);

  const RULES = `['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']`;

  /** Describes axe's findings so that they can be located. */
  async function findings(page: Page): Promise<string[]> {
    const { violations } = (await page.evaluate(
      `axe.run({ runOnly: ${RULES}, resultTypes: ['violations'] })`,
    )) as AxeResults;
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`),
    );
  }

  /**
   * Returns elements that extend beyond the screen, or that are too small for a finger: less than 44 pixels in a
   * direction.
   */
  const MISFITS = `[
    ...(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways: ' + document.documentElement.scrollWidth] : []),
    ...[...document.querySelectorAll('button, summary, a:not(.skip), label.box, input:not([type=hidden],[type=checkbox]), textarea')]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.9 || box.width < 43.9 || box.left < 0 || box.right > innerWidth))
      .map(({ element, box }) => element.outerHTML.slice(0, 120) + ' ' + JSON.stringify(box)),
  ]`;

  it.each<Lang>(['en', 'ar'])(
    'pass axe in %s, light and dark, on a phone and on a desktop, and fit both',
    async (lang) => {
      const pages = new Map<Visit['as'], Page>();
      const problems: string[] = [];
      for (const as of ['amal', 'bilal', undefined] as const) {
        const page = await browserOf(browser, standalone.endpoints.api, member(as), { lang, width: 320 });
        page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(String(error)));
        pages.set(as, page);
      }
      for (const { name, as, path, act } of VISITS) {
        const page = pages.get(as)!;
        await page.setViewportSize({ width: 320, height: 640 });
        await page.goto(path());
        await act?.(page, lang);
        expect([name, await page.evaluate('document.documentElement.lang')]).toEqual([name, lang]);
        await page.evaluate(AXE);
        for (const width of [320, 1280]) {
          await page.setViewportSize({ width, height: 640 });
          expect([name, width, await page.evaluate(MISFITS)]).toEqual([name, width, []]);
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            expect([name, width, colorScheme, await findings(page)]).toEqual([name, width, colorScheme, []]);
          }
        }
        // The console only reports a response that is not successful as an error.
        const expected = /the server responded with a status of 4\d\d/;
        expect([name, problems.filter((problem) => !expected.test(problem))]).toEqual([name, []]);
      }
      await Promise.all([...pages.values()].map((page) => page.context().close()));
    },
    900_000,
  );

  it('send the origin of a form also from an older browser', async () => {
    const page = await browserOf(browser, standalone.endpoints.api, bilal, { lang: 'en', javaScript: false });
    await page.goto('/preferences');
    const [request] = await Promise.all([
      page.waitForRequest((asked) => asked.method() === 'POST'),
      page.getByRole('button', { name: 'Save' }).click(),
    ]);
    expect((await request.allHeaders())['origin']).toBe(standalone.endpoints.api);
    await page.context().close();
  });
});
