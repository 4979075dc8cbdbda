// Long, because it is one story on one running service: told in parts, each part would need the parts before it.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/browser.js';
import { MemberAtApi } from '../support/member.js';
import { killTree } from '../support/process-tree.js';
import { profile, PublishingService } from '../support/publisher.js';
import { newFolder, removeFolder, startEmbedded, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';
import { browserOf, plain, wordsOf, type Lang } from './members-browser.js';

// Not by console.log, which Jest keeps to itself where every test of a file is skipped.
if (noBrowser !== undefined) process.stderr.write(`${noBrowser}\n`);

// A browser and a whole service on a machine that may be busy.
jest.setTimeout(300_000);

/** With WRITE_SCREENSHOTS=1 the story is pictured anew: in English on a desktop, in Arabic on a phone. */
const SCREENSHOTS = resolve(import.meta.dirname, '../../docs/screenshots');
const WRITE = process.env['WRITE_SCREENSHOTS'] === '1';
const WIDTH: Readonly<Record<Lang, number>> = { en: 900, ar: 360 };

const CAST = {
  en: {
    inviter: ['Amal Haddad', 'Event-sourcing engineer'],
    recipient: ['Bilal Osman', 'Site reliability engineer'],
    other: ['Chiara Ricci', 'Data analyst'],
    hello: 'We met at the event store meetup. Shall we keep in touch?',
    onceMore: 'Once more: I would like to hear how you run it.',
    where: 'Where did we meet?',
    isItYou: 'Is it you who spoke about error budgets?',
  },
  ar: {
    inviter: ['أمل حداد', 'مهندسة برمجيات'],
    recipient: ['بلال عثمان', 'مهندس موثوقية'],
    other: ['كيارا ريتشي', 'محللة بيانات'],
    hello: 'التقينا في ملتقى المطورين. هل نبقى على تواصل؟',
    onceMore: 'مرة أخرى: يسعدني أن أعرف كيف تديرون النظام.',
    where: 'أين التقينا؟',
    isItYou: 'هل أنت من تحدث عن ميزانيات الأخطاء؟',
  },
} as const;

type Person = readonly [name: string, headline: string];

/** Two members and their invitations, each in a real browser. */
(noBrowser === undefined ? describe : describe.skip)('two members', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let service: PublishingService;
  let browser: Browser;

  beforeAll(async () => {
    [standalone, browser] = await Promise.all([
      // An interval of nothing lets follow-ups be mailed like any other.
      startEmbedded(dir, { INVITATION_MAIL_INTERVAL: 'PT0S' }),
      openBrowser(),
    ]);
    service = await new PublishingService(standalone.endpoints.kafka).start();
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    if (standalone !== undefined) killTree(standalone.pid);
    removeFolder(dir);
  });

  const names = new Map<string, string>();

  /** A new member of the network, whom the service has heard of. */
  async function newMember(person?: Person): Promise<MemberAtApi> {
    const id = randomUUID();
    const { name, headline } = profile(id);
    const known = { ...profile(id), name: person?.[0] ?? name, headline: person?.[1] ?? headline };
    names.set(id, known.name);
    await service.publish('members.profiles', [{ key: id, value: JSON.stringify(known) }]);
    const probe = { inviterId: 'probe', recipientId: id };
    let sendId = '';
    await until(
      async () => (await service.ask('send', probe, (sendId = randomUUID()))).outcome === 'accepted',
      60_000,
      'the members directory',
    );
    await service.ask('withdraw', { invitationId: `probe.${sendId}`, actorId: 'probe' });
    return MemberAtApi.of(standalone, id);
  }

  async function invite(from: MemberAtApi, to: MemberAtApi, message = 'Hello'): Promise<string> {
    const response = await from.request('POST', '/v1/invitations', { recipientId: to.id, message });
    expect(response.status).toBe(201);
    const { invitationId } = (await response.json()) as { invitationId: string };
    await to.untilListed('inbox', invitationId);
    await from.untilListed('sent', invitationId);
    return invitationId;
  }

  /** The id of the invitation with that message, once the list has it. */
  async function sentWith(inviter: MemberAtApi, message: string): Promise<string> {
    const find = async () => (await inviter.list('sent')).find((item) => item['message'] === message);
    await until(async () => (await find()) !== undefined, 60_000, `an invitation with “${message}”`);
    return (await find())!.invitationId;
  }

  const nameOf = ({ id }: MemberAtApi) => names.get(id)!;

  async function picture(page: Page, name: string, lang: Lang): Promise<void> {
    if (!WRITE) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    const taken = await page.screenshot({ path: join(SCREENSHOTS, `${name}-${lang}.png`), fullPage: true });
    expect(taken.length).toBeLessThan(100_000);
  }

  const card = (page: Page, other: MemberAtApi) =>
    page.getByRole('article').filter({ hasText: nameOf(other) });
  /** Without the name where the lists are slow. */
  const said = async (page: Page, done: (name: string | undefined) => string, name: string) => {
    await page.getByRole('status').waitFor();
    const both = [plain(done(name)), done(undefined)];
    expect(both).toContain(await page.getByRole('status').textContent());
  };
  /** The lists follow what happened; on a busy machine, some seconds later. */
  const untilShown = (page: Page, what: string, shown: () => Promise<boolean>) =>
    until(
      async () => {
        if (await shown()) return true;
        await page.reload();
        return shown();
      },
      60_000,
      what,
    );
  const shows = (page: Page, other: MemberAtApi, words: string) =>
    untilShown(page, words, async () =>
      ((await card(page, other).allTextContents())[0] ?? '').includes(words),
    );

  it.each<[Lang, boolean]>([
    ['en', true],
    ['ar', false],
  ])(
    'in %s, JavaScript: %s: ignore, follow up, reply, accept by mail; withdraw; decline',
    async (lang, javaScript) => {
      const texts = wordsOf(lang);
      const cast = CAST[lang];
      const [inviter, recipient] = await Promise.all([newMember(cast.inviter), newMember(cast.recipient)]);
      const { api } = standalone.endpoints;
      const settings = { lang, javaScript, width: WIDTH[lang] };
      const [theirs, mine] = (await Promise.all(
        [inviter, recipient].map((member) => browserOf(browser, api, member, settings)),
      )) as [Page, Page];
      const name = nameOf(inviter);

      // R19, R20: into the archive, and the inviter's page stays what it was.
      await invite(inviter, recipient, cast.hello);
      await theirs.goto('/sent');
      const before = await card(theirs, recipient).textContent();
      await mine.goto('/inbox');
      await picture(mine, '1-inbox', lang);
      await card(mine, inviter)
        .getByRole('button', { name: plain(texts.ignoreFrom(name)) })
        .click();
      await said(mine, texts.done.ignored, name);
      expect(new URL(mine.url()).pathname).toBe('/inbox');
      await untilShown(mine, 'an empty inbox', async () => (await card(mine, inviter).count()) === 0);
      await theirs.reload();
      expect(await card(theirs, recipient).textContent()).toBe(before);
      expect(before).toContain(texts.status.pending);

      // R23, R28: only in the archive, and only next to the advice.
      await mine.getByRole('link', { name: texts.archive, exact: true }).click();
      await mine.getByRole('heading', { name: texts.archiveTitle }).waitFor();
      await shows(mine, inviter, plain(texts.dontKnow(name)));
      await card(mine, inviter)
        .getByText(plain(texts.dontKnow(name)), { exact: true })
        .click();
      expect(await mine.getByText(texts.dontKnowAdvice).first().isVisible()).toBe(true);
      await picture(mine, '2-archive-with-advice', lang);

      // R21, D2: a follow-up takes its place in the inbox.
      await card(theirs, recipient)
        .getByRole('link', { name: plain(texts.followUpWith(nameOf(recipient))) })
        .click();
      await theirs.getByLabel(texts.followUpMessage).fill(cast.onceMore);
      await theirs.getByRole('button', { name: texts.sendFollowUp }).click();
      await said(theirs, texts.done['followed-up'], nameOf(recipient));
      await recipient.untilListed('inbox', await sentWith(inviter, cast.onceMore));

      // R15–R18: a reply, after which the invitation can still be accepted.
      await mine.goto('/inbox');
      await card(mine, inviter)
        .getByRole('link', { name: plain(texts.replyTo(name)) })
        .click();
      await mine.getByLabel(texts.replyText).fill(cast.where);
      await picture(mine, '3-reply', lang);
      await mine.getByRole('button', { name: texts.sendReply }).click();
      await said(mine, texts.done.replied, name);
      await shows(mine, inviter, texts.haveReplied);
      await shows(theirs, recipient, texts.status.replied);

      // R11, D12: the mail's link is followed by who is not signed in. Shown twice, it has done nothing yet.
      const followUpMail = async () =>
        (await recipient.mails()).find(({ text }) => text.includes(cast.onceMore));
      await until(async () => (await followUpMail()) !== undefined, 60_000, 'the mail of the follow-up');
      const [link] = /http\S+\/l\/[\w.-]+/.exec((await followUpMail())!.text)!;
      const reader = await browserOf(browser, api, undefined, settings);
      await reader.goto(link);
      await reader.reload();
      expect(await reader.getByRole('heading', { level: 1 }).textContent()).toBe(
        plain(texts.wantsToConnect(name)),
      );
      await picture(reader, '4-link-of-an-email', lang);
      await reader.getByRole('button', { name: texts.accept }).dblclick();
      await reader.getByRole('heading', { name: plain(texts.connected(name)) }).waitFor();
      await reader.goto(link);
      await untilShown(reader, 'a link that has been used', async () => {
        const heading = reader.getByRole('heading', { level: 1 });
        return (await heading.textContent()) === texts.notOpen;
      });
      await shows(theirs, recipient, texts.status.accepted);
      expect(await card(theirs, recipient).getByRole('link').count()).toBe(0);

      // R31, R34: withdrawn, and the next needs the address.
      const other = await newMember(cast.other);
      await invite(inviter, other, cast.hello);
      await theirs.goto('/sent');
      await card(theirs, other).getByText(texts.withdraw, { exact: true }).click();
      await picture(theirs, '5-sent-and-withdrawing', lang);
      await card(theirs, other).getByRole('button').click();
      await said(theirs, texts.done.withdrawn, nameOf(other));
      await shows(theirs, other, texts.status.withdrawn);
      await card(theirs, other).getByRole('link').click();
      await theirs.getByLabel(texts.followUpEmail).fill('somebody@else.example');
      await theirs.getByLabel(texts.followUpMessage).fill(cast.isItYou);
      await theirs.getByRole('button', { name: texts.sendFollowUp }).click();
      await theirs.getByRole('alert').waitFor();
      expect(await theirs.getByRole('alert').textContent()).toBe(texts.refused.EMAIL_REQUIRED);
      expect(await theirs.getByLabel(texts.followUpMessage).inputValue()).toBe(cast.isItYou);
      await picture(theirs, '6-address-needed', lang);
      await theirs.getByLabel(texts.followUpEmail).fill(profile(other.id).email);
      await theirs.getByRole('button', { name: texts.sendFollowUp }).click();
      await theirs.getByRole('status').waitFor();

      // R24: ignored, and then not known.
      await other.untilListed('inbox', await sentWith(inviter, cast.isItYou));
      const others = await browserOf(browser, api, other, settings);
      await others.goto('/inbox');
      await card(others, inviter)
        .getByRole('button', { name: plain(texts.ignoreFrom(name)) })
        .click();
      await others.getByRole('status').waitFor();
      await others.goto('/archive');
      await shows(others, inviter, plain(texts.dontKnow(name)));
      await card(others, inviter)
        .getByText(plain(texts.dontKnow(name)), { exact: true })
        .click();
      await card(others, inviter)
        .getByRole('button', { name: plain(texts.dontKnowConfirm(name)) })
        .click();
      await said(others, texts.done.declined, name);
      await untilShown(others, 'an empty archive', async () => (await card(others, inviter).count()) === 0);
      await theirs.goto('/sent');
      expect(await theirs.getByRole('article').first().textContent()).toContain(texts.status.pending);
      await Promise.all([theirs, mine, reader, others].map((page) => page.context().close()));
    },
    600_000,
  );

  it('signs in as a sample member, and comes back to the page that they wanted', async () => {
    const page = await browserOf(browser, standalone.endpoints.api, undefined, { lang: 'en' });
    await page.goto('/archive');
    await page.getByRole('link', { name: wordsOf('en').toSignIn }).click();
    await page.getByRole('link', { name: 'العربية' }).click();
    await page.getByRole('button', { name: /داليا منصور/ }).click();
    await page.waitForURL('**/archive');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(wordsOf('ar').archiveTitle);
    await page.context().close();
  });

  it('answers with the keyboard alone', async () => {
    const [inviter, recipient] = await Promise.all([newMember(), newMember()]);
    await invite(inviter, recipient);
    const page = await browserOf(browser, standalone.endpoints.api, recipient, { lang: 'en' });
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
    expect(await focused()).toBe('Skip to the content');
    expect(await page.getByText('Skip to the content').isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await tabTo(`Ignore the invitation from ${nameOf(inviter)}`);
    await page.keyboard.press('Enter');
    // What happened is where the reader is: read aloud, and Tab goes on from there.
    await until(async () => String(await focused()).endsWith('is now in your archive'), 60_000, 'the notice');
    await page.goto('/archive');
    await tabTo(`I don’t know ${nameOf(inviter)}`);
    await page.keyboard.press('Enter');
    await tabTo(`Yes, I don’t know ${nameOf(inviter)}`);
    await page.keyboard.press('Space');
    await until(async () => String(await focused()).endsWith('has been removed'), 60_000, 'the notice');
    await page.context().close();
  });

  it('lose nothing that they wrote to an outage, and send nothing twice', async () => {
    const [inviter, recipient] = await Promise.all([newMember(), newMember()]);
    await invite(inviter, recipient);
    const page = await browserOf(browser, standalone.endpoints.api, recipient, { lang: 'en' });
    await page.goto('/inbox');
    await card(page, inviter)
      .getByRole('link', { name: `Reply to ${nameOf(inviter)}` })
      .click();
    const field = page.getByLabel('Your message');
    await field.fill('😀'.repeat(1999));
    expect(await page.getByText('Characters left: 1', { exact: true }).count()).toBe(1);
    await page.route('**/reply', (route) => route.abort());
    await page.getByRole('button', { name: 'Send the reply' }).click();
    await page.getByRole('alert').waitFor();
    expect(await field.inputValue()).toHaveLength(3998);
    await page.unroute('**/reply');
    // The same when the session ends meanwhile: one signs in elsewhere and comes back.
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Send the reply' }).click();
    const signIn = page.getByRole('alert').getByRole('link', { name: wordsOf('en').toSignIn });
    expect(await signIn.getAttribute('target')).toBe('_blank');
    expect(await field.inputValue()).toHaveLength(3998);
    await page.context().addCookies(cookies);
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    await page.getByRole('button', { name: 'Send the reply' }).dblclick();
    await page.getByRole('status').waitFor();
    expect(sent).toHaveLength(1);
    await page.goBack();
    expect(new URL(page.url()).pathname).toMatch(/\/reply$/);
    await page.context().close();
  });
});
