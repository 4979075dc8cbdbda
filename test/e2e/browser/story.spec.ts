import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { noBrowser } from '../../support/browser.js';
import { until } from '../../support/until.js';
import { wordsOf, type Lang } from './members-browser.js';
import { MembersHarness } from './members-harness.js';
import { SCREENSHOTS, takeScreenshot, widthOf } from './screenshots.js';
import { playStory } from './story.js';

// Not by console.log, which Jest keeps to itself where every test of a file is skipped.
if (noBrowser !== undefined) process.stderr.write(`${noBrowser}\n`);

// A browser and a whole service on a machine that may be busy.
jest.setTimeout(300_000);

/** Two members and their invitations, each in a real browser. */
(noBrowser === undefined ? describe : describe.skip)('two members', () => {
  let members: MembersHarness;

  beforeAll(async () => void (members = await MembersHarness.start()), 300_000);
  afterAll(() => members?.stop());

  it.each<[Lang, boolean]>([
    ['en', true],
    ['en', false],
    ['ar', true],
    ['ar', false],
  ])(
    'work in %s, JavaScript: %s: invite, ignore, move back, follow up, reply, accept by mail, withdraw and decline',
    async (lang, javaScript) => {
      const taken = new Map<string, Buffer>();
      await playStory(members, lang, javaScript, async (page: Page, name: string) => {
        taken.set(`${name}-${lang}.png`, await takeScreenshot(page, lang));
      });
      // Fonts differ from machine to machine. What must agree is which pictures there are, and how wide they are.
      const committed = readdirSync(SCREENSHOTS).filter((file) => file.endsWith(`-${lang}.png`));
      expect([...taken.keys()].toSorted()).toEqual(committed.toSorted());
      for (const [file, picture] of taken)
        expect([file, widthOf(picture)]).toEqual([file, widthOf(readFileSync(join(SCREENSHOTS, file)))]);
    },
    600_000,
  );

  it('return to the requested page after signing in as a sample member', async () => {
    const page = await members.open(undefined, { lang: 'en' });
    await page.goto('/archive');
    await page.getByRole('link', { name: wordsOf('en').toSignIn }).click();
    await page.getByRole('link', { name: 'العربية' }).click();
    await page.getByRole('button', { name: /داليا منصور/ }).click();
    await page.waitForURL('**/archive');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(wordsOf('ar').archiveTitle);
    await page.context().close();
  });

  it('can be used with the keyboard alone', async () => {
    const [inviter, recipient] = await Promise.all([members.newMember(), members.newMember()]);
    await members.invite(inviter, recipient);
    const page = await members.open(recipient, { lang: 'en' });
    await page.goto('/inbox');
    const focused = () =>
      page.evaluate(`(document.activeElement.ariaLabel ?? document.activeElement.textContent)`);
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 30; presses += 1) {
        await page.keyboard.press('Tab');
        if ((await focused()) === name) return;
      }
      throw new Error(`${name} is not to be reached with Tab`);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    expect(await page.getByText('Skip to content').isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await tabTo(`Ignore the invitation from ${members.nameOf(inviter)}`);
    await page.keyboard.press('Enter');
    // What happened is where the reader is: read aloud, and Tab goes on from there.
    await until(async () => String(await focused()).endsWith('isn’t told.'), 60_000, 'the notice');
    await page.goto('/archive');
    await tabTo(`I don’t know ${members.nameOf(inviter)}`);
    await page.keyboard.press('Enter');
    await tabTo(`Yes, I don’t know ${members.nameOf(inviter)}`);
    await page.keyboard.press('Space');
    await until(
      async () => String(await focused()).endsWith('can no longer invite you.'),
      60_000,
      'the notice',
    );
    await page.context().close();
  });

  it('learn of a new invitation while the inbox stays open, and lose nothing that they type', async () => {
    const [inviter, recipient] = await Promise.all([members.newMember(), members.newMember()]);
    const page = await members.open(recipient, { lang: 'en' });
    await page.goto('/inbox');
    await members.invite(inviter, recipient);
    // As when the member returns to the tab; otherwise the page looks by itself every half a minute.
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await page.getByRole('status').getByText('1 new invitation · Show').waitFor();
    expect(await page.title()).toBe('Inbox (1) · Sample Network');
    expect(await members.card(page, inviter).count()).toBe(0);
    await page.getByText('1 new invitation · Show').click();
    await members.card(page, inviter).waitFor();
    await page.context().close();
  });

  it('lose no entered text in an outage, and send nothing twice', async () => {
    const [inviter, recipient] = await Promise.all([members.newMember(), members.newMember()]);
    await members.invite(inviter, recipient);
    const page = await members.open(recipient, { lang: 'en' });
    await page.goto('/inbox');
    await members
      .card(page, inviter)
      .getByRole('link', { name: `Reply to ${members.nameOf(inviter)}` })
      .click();
    const field = page.getByLabel('Your message');
    await field.fill('😀'.repeat(1999));
    // The page's script, which counts what is in the field already, may still be on its way.
    await page.getByText('Characters left: 1', { exact: true }).first().waitFor();
    await page.route('**/reply', (route) => route.abort());
    await page.getByRole('button', { name: 'Send reply' }).click();
    await page.getByRole('alert').waitFor();
    expect(await field.inputValue()).toHaveLength(3998);
    await page.unroute('**/reply');
    // The same when the session ends meanwhile: one signs in elsewhere and comes back.
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Send reply' }).click();
    const signIn = page.getByRole('alert').getByRole('link', { name: wordsOf('en').toSignIn });
    expect(await signIn.getAttribute('target')).toBe('_blank');
    expect(await field.inputValue()).toHaveLength(3998);
    await page.context().addCookies(cookies);
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    await page.getByRole('button', { name: 'Send reply' }).dblclick();
    await page.getByRole('status').waitFor();
    expect(sent).toHaveLength(1);
    await page.goBack();
    expect(new URL(page.url()).pathname).toMatch(/\/reply$/);
    await page.context().close();
  });
});
