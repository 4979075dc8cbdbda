// Long, because it is one story on one running service, in which each part needs the parts before it.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { profile } from '../../support/publisher.js';
import { until } from '../../support/until.js';
import { plain, wordsOf, type Lang } from './members-browser.js';
import type { MembersHarness } from './members-harness.js';

/** English on a desktop, Arabic on a phone. */
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

/**
 * Two members with a browser each: ignore, move back, follow up, reply, accept by e-mail, withdraw, decline.
 * @param picture is called where docs/screenshots shows the page
 */
export async function playStory(
  members: MembersHarness,
  lang: Lang,
  javaScript: boolean,
  picture: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const texts = wordsOf(lang);
  const cast = CAST[lang];
  const [inviter, recipient] = await Promise.all([
    members.newMember(cast.inviter),
    members.newMember(cast.recipient),
  ]);
  const settings = { lang, javaScript, width: WIDTH[lang] };
  const [theirs, mine] = (await Promise.all(
    [inviter, recipient].map((member) => members.open(member, settings)),
  )) as [Page, Page];
  const name = members.nameOf(inviter);

  // D19: the first invitation, from the page to which any profile links. The page of the member then says that it is pending.
  const recipientsName = members.nameOf(recipient);
  await theirs.goto(`/invite/${recipient.id}`);
  await theirs.getByLabel(texts.followUpMessage).fill(cast.hello);
  await theirs.getByRole('button', { name: texts.sendFollowUp }).click();
  await members.untilNotice(theirs, texts.done['followed-up'], recipientsName);
  await recipient.untilListed('inbox', await members.untilSent(inviter, cast.hello));
  await theirs.goto(`/invite/${recipient.id}`);
  await theirs.getByText(plain(texts.hasInvited(recipientsName))).waitFor();

  // R19, R20: the invitation moves to the archive, and the inviter's page does not change.
  await theirs.goto('/sent');
  const before = await members.card(theirs, recipient).textContent();
  await mine.goto('/inbox');
  await picture(mine, '1-inbox');
  await members
    .card(mine, inviter)
    .getByRole('button', { name: plain(texts.ignoreFrom(name)) })
    .click();
  await members.untilNotice(mine, texts.done.ignored, name);
  assert.equal(new URL(mine.url()).pathname, '/inbox');
  await members.untilShown(
    mine,
    'an empty inbox',
    async () => (await members.card(mine, inviter).count()) === 0,
  );
  await theirs.reload();
  assert.equal(await members.card(theirs, recipient).textContent(), before);
  assert.ok(before!.includes(texts.status.pending), before!);

  // R23, R28: declining is offered only in the archive, next to the advice.
  await mine.getByRole('link', { name: texts.archive, exact: true }).click();
  await mine.getByRole('heading', { name: texts.archiveTitle }).waitFor();
  await members.untilCardSays(mine, inviter, plain(texts.dontKnow(name)));
  await members
    .card(mine, inviter)
    .getByText(plain(texts.dontKnow(name)), { exact: true })
    .click();
  assert.ok(await mine.getByText(texts.dontKnowAdvice).first().isVisible(), 'the advice');
  await picture(mine, '2-archive-with-advice');

  // D20: moved back, ignored once more, and that undone. The inviter's page does not change.
  await members
    .card(mine, inviter)
    .getByRole('button', { name: plain(texts.restoreFrom(name)) })
    .click();
  await members.untilNotice(mine, texts.done.restored, name);
  await mine.goto('/inbox');
  await members.untilShown(
    mine,
    'the invitation in the inbox',
    async () => (await members.card(mine, inviter).count()) === 1,
  );
  await members
    .card(mine, inviter)
    .getByRole('button', { name: plain(texts.ignoreFrom(name)) })
    .click();
  await members.untilNotice(mine, texts.done.ignored, name);
  const undo = mine.getByRole('button', { name: plain(texts.undoIgnoring(name)) });
  await undo.click();
  await undo.waitFor({ state: 'detached' });
  await members.untilNotice(mine, texts.done.restored, name);
  await theirs.reload();
  assert.equal(await members.card(theirs, recipient).textContent(), before);

  // R21, D2: the follow-up replaces the first invitation in the inbox.
  await members
    .card(theirs, recipient)
    .getByRole('link', { name: plain(texts.followUpWith(members.nameOf(recipient))) })
    .click();
  await theirs.getByLabel(texts.followUpMessage).fill(cast.onceMore);
  await theirs.getByRole('button', { name: texts.sendFollowUp }).click();
  await members.untilNotice(theirs, texts.done['followed-up'], members.nameOf(recipient));
  await recipient.untilListed('inbox', await members.untilSent(inviter, cast.onceMore));
  for (const shown of [cast.onceMore, texts.followedUpOn, texts.earlier(1)])
    await members.untilCardSays(theirs, recipient, shown);

  // R15–R18: after a reply, the invitation can still be accepted.
  await mine.goto('/inbox');
  await members
    .card(mine, inviter)
    .getByRole('link', { name: plain(texts.replyTo(name)) })
    .click();
  await mine.getByLabel(texts.replyText).fill(cast.where);
  await picture(mine, '3-reply');
  await mine.getByRole('button', { name: texts.sendReply }).click();
  await members.untilNotice(mine, texts.done.replied, name);
  await members.untilCardSays(mine, inviter, texts.haveReplied);
  await members.untilCardSays(theirs, recipient, texts.status.replied);
  // D18: the inviter reads it on the page. R18: the link to reply in the e-mail now offers to accept.
  await members.untilCardSays(theirs, recipient, cast.where);
  const [open] = await recipient.list('inbox');
  await mine.goto(`/inbox/${open!.invitationId}/reply`);
  await mine.getByText(texts.haveReplied).waitFor();
  assert.equal(await mine.getByLabel(texts.replyText).count(), 0);

  // R11, D12: the member follows the link of the e-mail without being signed in. Showing the page twice has no effect.
  const followUpMail = async () => (await recipient.mails()).find(({ text }) => text.includes(cast.onceMore));
  await until(async () => (await followUpMail()) !== undefined, 60_000, 'the mail of the follow-up');
  const [link] = /http\S+\/l\/[\w.-]+/.exec((await followUpMail())!.text)!;
  const reader = await members.open(undefined, settings);
  await reader.goto(link);
  await reader.reload();
  assert.equal(
    await reader.getByRole('heading', { level: 1 }).textContent(),
    plain(texts.wantsToConnect(name)),
  );
  await picture(reader, '4-link-of-an-email');
  await reader.getByRole('button', { name: texts.accept }).dblclick();
  await reader.getByRole('heading', { name: plain(texts.connected(name)) }).waitFor();
  await reader.goto(link);
  await members.untilShown(reader, 'a link that has been used', async () => {
    const heading = reader.getByRole('heading', { level: 1 });
    return (await heading.textContent()) === texts.notOpen;
  });
  await members.untilCardSays(theirs, recipient, texts.status.accepted);
  assert.equal(await members.card(theirs, recipient).getByRole('link').count(), 0);
  // R10, R14: both are connections, who see each other's address.
  for (const [page, other] of [
    [mine, inviter],
    [theirs, recipient],
  ] as const) {
    const address = profile(other.id).email;
    await members.untilShown(page, 'a connection', async () => {
      await page.goto('/connections');
      return (await members.card(page, other).getByRole('link', { name: address }).count()) === 1;
    });
    await page.goto(`/members/${other.id}`);
    await page.getByText(texts.isConnected).waitFor();
    await page.getByRole('link', { name: address }).waitFor();
  }

  // R31, R34: after a withdrawal, the next invitation requires the address.
  const other = await members.newMember(cast.other);
  await members.invite(inviter, other, cast.hello);
  await theirs.goto('/sent');
  await members.card(theirs, other).getByText(texts.withdraw, { exact: true }).click();
  await picture(theirs, '5-sent-and-withdrawing');
  await members.card(theirs, other).getByRole('button').click();
  await members.untilNotice(theirs, texts.done.withdrawn, members.nameOf(other));
  await members.untilCardSays(theirs, other, texts.status.withdrawn);
  await members.card(theirs, other).getByRole('link').click();
  await theirs.getByLabel(texts.followUpEmail).fill('somebody@else.example');
  await theirs.getByLabel(texts.followUpMessage).fill(cast.isItYou);
  await theirs.getByRole('button', { name: texts.sendFollowUp }).click();
  await theirs.getByRole('alert').waitFor();
  assert.equal(await theirs.getByRole('alert').textContent(), texts.refused.EMAIL_REQUIRED);
  assert.equal(await theirs.getByLabel(texts.followUpMessage).inputValue(), cast.isItYou);
  await picture(theirs, '6-address-needed');
  await theirs.getByLabel(texts.followUpEmail).fill(profile(other.id).email);
  await theirs.getByRole('button', { name: texts.sendFollowUp }).click();
  await theirs.getByRole('status').waitFor();
  // One card for each member: the withdrawn invitation is in it.
  await members.untilShown(theirs, 'one card for each member', async () => {
    await theirs.goto('/sent');
    const summary = members.card(theirs, other).getByText(texts.earlier(1), { exact: true });
    return (await theirs.getByRole('article').count()) === 2 && (await summary.count()) === 1;
  });

  // R24: ignored, then declined.
  await other.untilListed('inbox', await members.untilSent(inviter, cast.isItYou));
  const others = await members.open(other, settings);
  await others.goto('/inbox');
  await members
    .card(others, inviter)
    .getByRole('button', { name: plain(texts.ignoreFrom(name)) })
    .click();
  await others.getByRole('status').waitFor();
  await others.goto('/archive');
  await members.untilCardSays(others, inviter, plain(texts.dontKnow(name)));
  await members
    .card(others, inviter)
    .getByText(plain(texts.dontKnow(name)), { exact: true })
    .click();
  await members
    .card(others, inviter)
    .getByRole('button', { name: plain(texts.dontKnowConfirm(name)) })
    .click();
  await members.untilNotice(others, texts.done.declined, name);
  await members.untilShown(
    others,
    'an empty archive',
    async () => (await members.card(others, inviter).count()) === 0,
  );
  await theirs.goto('/sent');
  const shown = await theirs.getByRole('article').first().textContent();
  assert.ok(shown!.includes(texts.status.pending), shown!);
  await Promise.all([theirs, mine, reader, others].map((page) => page.context().close()));
}
