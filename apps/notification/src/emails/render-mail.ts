import { domainToASCII } from 'node:url';
import { readableAddress } from '#libs/contracts';
import {
  languageForLocale,
  formatMemberSender,
  formatMessageId,
  renderEmail,
  type Email,
  type Language,
  type MailKey,
  type MailKind,
  type OutgoingMail,
} from '#libs/mail';
import type { Queryable } from '#libs/platform';
import { findConnectionsSummary, type Member } from '../members/members.table.js';
import type { Delivery } from '../outbox/delivery.js';
import { PREFERENCE_OF } from '../preferences/preferences.table.js';
import type { EmailLinks } from './email-links.js';

/** What an e-mail is rendered from. */
export interface RenderContext {
  readonly db: Queryable;
  readonly delivery: Delivery;
  readonly recipient: Member;
  /** The member whom the e-mail is about. */
  readonly about: Member;
  readonly links: EmailLinks;
  /** The e-mail that began the thread of this one. */
  readonly firstMail: MailKey | undefined;
}

/** Whom an e-mail names as its sender. */
export interface SenderSettings {
  /** An address, or `Name <address>`; its domain is that of the Message-ID and of the List-Id. */
  readonly from: string;
  readonly networkName: string | undefined;
  readonly logoUrl?: string | undefined;
  /** Whether the sender names the member whom the e-mail is about. */
  readonly namesMember: boolean;
}

/** Renders the e-mail of a delivery with its envelope. */
export async function renderMail(context: RenderContext, sender: SenderSettings): Promise<OutgoingMail> {
  const { delivery, recipient, about, links, firstMail } = context;
  const { from, networkName, logoUrl, namesMember } = sender;
  const language = languageForLocale(recipient.locale);
  const domain = domainToASCII(/@([^>@]+)>?$/.exec(from)?.[1] ?? '') || 'localhost';
  const preference = PREFERENCE_OF[delivery.kind];
  const common = { networkName, logoUrl, preferencesUrl: links.preferences(recipient.id, language) };
  return {
    from: namesMember ? formatMemberSender(from, about.name, networkName, language) : from,
    to: recipient.email,
    email: await RENDER[delivery.kind](context, common, language),
    listId: `${preference}.${domain}`,
    unsubscribeUrl: links.unsubscribe(recipient.id, preference, language),
    messageId: formatMessageId(delivery, domain),
    ...(firstMail === undefined ? {} : { thread: formatMessageId(firstMail, domain) }),
  };
}

interface Common {
  readonly networkName: string | undefined;
  readonly logoUrl: string | undefined;
  readonly preferencesUrl: string;
}

type Render = (context: RenderContext, common: Common, language: Language) => Promise<Email>;

const RENDER: Readonly<Record<MailKind, Render>> = {
  invitation: renderInvitation,
  reminder: renderReminder,
  acceptance: renderAcceptance,
  reply: renderReply,
};

/** What an invitation and its reminders have in common: the inviter, without an address, and the answers (R5–R7). */
const invitationData = (
  { delivery: { invitationId, happenedAt }, recipient, about, links }: RenderContext,
  common: Common,
  language: Language,
) => ({
  ...common,
  inviter: { name: about.name, headline: about.headline, profileUrl: links.profile(about) },
  acceptUrl: links.accept(recipient.id, invitationId, happenedAt, language),
  replyUrl: links.answer(invitationId, 'reply', language),
  ignoreUrl: links.answer(invitationId, 'ignore', language),
  inboxUrl: links.inbox(language),
});

/** The first e-mail about an invitation (R5, R7). */
async function renderInvitation(context: RenderContext, common: Common, language: Language): Promise<Email> {
  const { message } = context.delivery.content;
  const data = invitationData(context, common, language);
  return renderEmail('invitation', message === undefined ? data : { ...data, message }, language);
}

/** Has the same links as the invitation (R6, R7). */
async function renderReminder(context: RenderContext, common: Common, language: Language): Promise<Email> {
  return renderEmail('reminder', invitationData(context, common, language), language);
}

/** Shows the new connection with their address and a summary of their connections (R14). */
async function renderAcceptance(
  { db, recipient, about, links }: RenderContext,
  common: Common,
  language: Language,
): Promise<Email> {
  const connection = {
    name: about.name,
    headline: about.headline,
    email: about.email === '' ? undefined : readableAddress(about.email),
    profileUrl: links.profile(about),
  };
  const summary = await findConnectionsSummary(db, about.id, recipient.id);
  return renderEmail('acceptance', { ...common, connection, summary }, language);
}

/** Shows the reply and who wrote it (R16). The two members are not connected, so it has no address. */
async function renderReply(
  { delivery, about, links }: RenderContext,
  common: Common,
  language: Language,
): Promise<Email> {
  const replier = { name: about.name, headline: about.headline, profileUrl: links.profile(about) };
  const message = delivery.content.message ?? '';
  return renderEmail('reply', { ...common, replier, message, sentUrl: links.sent(language) }, language);
}
