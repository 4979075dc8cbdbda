import type { Language } from '../language/language.js';
import { renderHtml, renderText } from '../layout/layout.js';
import { acceptanceEmail, type AcceptanceEmail } from './acceptance.email.js';
import type { EmailTemplate } from './email-template.js';
import { invitationEmail, type InvitationEmail } from './invitation.email.js';
import { reminderEmail, type ReminderEmail } from './reminder.email.js';
import { replyEmail, type ReplyEmail } from './reply.email.js';

/** The kinds of e-mail and their data. */
export interface MailData {
  invitation: InvitationEmail;
  reminder: ReminderEmail;
  acceptance: AcceptanceEmail;
  reply: ReplyEmail;
}

export type MailKind = keyof MailData;

/** A rendered e-mail. The subject is one line. */
export interface Email {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

const TEMPLATES: { readonly [Kind in MailKind]: EmailTemplate<MailData[Kind]> } = {
  invitation: invitationEmail,
  reminder: reminderEmail,
  acceptance: acceptanceEmail,
  reply: replyEmail,
};

/** Renders an e-mail in a language (D14). Names and texts in the data may be anything that a member can write. */
export function renderEmail<Kind extends MailKind>(
  kind: Kind,
  data: MailData[Kind],
  language: Language,
): Email {
  const rendered = TEMPLATES[kind](data, language);
  const { subject, body } = rendered;
  const { logoUrl, networkName = '' } = data;
  const logo = logoUrl === undefined ? undefined : { url: logoUrl, alt: networkName };
  return { subject, html: renderHtml({ ...rendered, logo }, language), text: renderText(body, language) };
}
