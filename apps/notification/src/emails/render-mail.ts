import { domainToASCII } from 'node:url';
import { readableAddress } from '#libs/contracts';
import {
  languageForLocale,
  formatMessageId,
  renderEmail,
  formatThreadMessageId,
  type Email,
  type MailKind,
  type OutgoingMail,
} from '#libs/mail';
import type { Queryable } from '#libs/platform';
import { findConnectionsSummary } from '../members/connections.table.js';
import type { Member } from '../members/members.table.js';
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
}

/**
 * Renders the e-mail of a delivery with its envelope.
 * @param from an address, or `Name <address>`; its domain is that of the Message-ID
 */
export async function renderMail(context: RenderContext, from: string): Promise<OutgoingMail> {
  const { delivery, recipient, links } = context;
  const domain = domainToASCII(/@([^>@]+)>?$/.exec(from)?.[1] ?? '') || 'localhost';
  const thread = formatThreadMessageId(delivery, domain);
  return {
    from,
    to: recipient.email,
    email: await RENDER[delivery.kind](context),
    unsubscribeUrl: links.unsubscribe(recipient.id, PREFERENCE_OF[delivery.kind]),
    messageId: formatMessageId(delivery, domain),
    ...(thread === undefined ? {} : { thread }),
  };
}

const RENDER: Readonly<Record<MailKind, (context: RenderContext) => Promise<Email>>> = {
  invitation: renderInvitation,
  reminder: renderReminder,
  acceptance: renderAcceptance,
  reply: renderReply,
};

/** The first e-mail about an invitation, without the inviter's address (R5, R7). */
async function renderInvitation({ delivery, recipient, about, links }: RenderContext): Promise<Email> {
  const { message } = delivery.content;
  return renderEmail(
    'invitation',
    {
      inviter: { name: about.name, headline: about.headline, profileUrl: links.profile(about) },
      ...(message === undefined ? {} : { message }),
      acceptUrl: links.accept(recipient.id, delivery.invitationId, delivery.happenedAt),
      inboxUrl: links.inbox,
      preferencesUrl: links.preferences(recipient.id),
    },
    languageForLocale(recipient.locale),
  );
}

/** Has the same links as the invitation, and no address of the inviter (R6, R7). */
async function renderReminder({ delivery, recipient, about, links }: RenderContext): Promise<Email> {
  return renderEmail(
    'reminder',
    {
      inviter: { name: about.name, headline: about.headline, profileUrl: links.profile(about) },
      acceptUrl: links.accept(recipient.id, delivery.invitationId, delivery.happenedAt),
      inboxUrl: links.inbox,
      preferencesUrl: links.preferences(recipient.id),
    },
    languageForLocale(recipient.locale),
  );
}

/** Shows the new connection with their address and a summary of their connections (R14). */
async function renderAcceptance({ db, recipient, about, links }: RenderContext): Promise<Email> {
  return renderEmail(
    'acceptance',
    {
      connection: {
        name: about.name,
        headline: about.headline,
        email: about.email === '' ? undefined : readableAddress(about.email),
        profileUrl: links.profile(about),
      },
      summary: await findConnectionsSummary(db, about.id, recipient.id),
      preferencesUrl: links.preferences(recipient.id),
    },
    languageForLocale(recipient.locale),
  );
}

/** Shows the reply and who wrote it (R16). The two members are not connected, so it has no address. */
async function renderReply({ delivery, recipient, about, links }: RenderContext): Promise<Email> {
  return renderEmail(
    'reply',
    {
      replier: { name: about.name, headline: about.headline, profileUrl: links.profile(about) },
      message: delivery.content.message ?? '',
      preferencesUrl: links.preferences(recipient.id),
    },
    languageForLocale(recipient.locale),
  );
}
