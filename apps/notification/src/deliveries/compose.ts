import { messageIdOf, threadOf, type Email, type OutgoingMail } from '#libs/mail';
import { composeAcceptance } from '../invitation-accepted/compose-acceptance.js';
import { composeReply } from '../invitation-replied/compose-reply.js';
import { composeInvitation } from '../invitation-sent/compose-invitation.js';
import { composeReminder } from '../reminder-due/compose-reminder.js';
import type { Composition } from './composition.js';
import { PREFERENCE_OF, type Delivery } from './delivery.js';

/** The e-mail of each kind. */
const COMPOSE: Readonly<Record<Delivery['kind'], (of: Composition) => Promise<Email>>> = {
  invitation: composeInvitation,
  reminder: composeReminder,
  acceptance: composeAcceptance,
  reply: composeReply,
};

/** The whole e-mail of a delivery, with its envelope. */
export async function compose(composition: Composition, from: string): Promise<OutgoingMail> {
  const { delivery, recipient, links } = composition;
  const domain = /@([^>@]+)>?$/.exec(from)?.[1] ?? 'localhost';
  const thread = threadOf(delivery, domain);
  return {
    from,
    to: recipient.email,
    email: await COMPOSE[delivery.kind](composition),
    unsubscribeUrl: links.unsubscribe(recipient.id, PREFERENCE_OF[delivery.kind]),
    messageId: messageIdOf(delivery, domain),
    ...(thread === undefined ? {} : { thread }),
  };
}
