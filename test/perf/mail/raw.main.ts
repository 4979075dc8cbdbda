import { createTransport, type SendMailOptions } from 'nodemailer';
import {
  formatMemberSender,
  formatMessageId,
  parseLinkKeys,
  renderEmail,
  signLink,
  type Email,
} from '#libs/mail';
import { FROM, LINK_KEYS, PUBLIC_URL } from './environment.js';
import { mailOf, MESSAGE, profiles, type Mail } from './mails.js';

/**
 * The raw client: nodemailer's pooled `sendMail`, as its documentation shows, with prepared e-mails equal to those of
 * the app. Only nodemailer is measured.
 */
const { SMTP_PORT, CONNECTIONS, FIRST, COUNT, UNCOUNTED } = process.env as Record<string, string>;
const [first, count, uncounted] = [Number(FIRST), Number(COUNT), Number(UNCOUNTED)];

const members = new Map(profiles().map((profile) => [profile.id, profile]));
const keys = parseLinkKeys(LINK_KEYS);
const expiresAt = new Date(Date.now() + 86_400_000);
const link = (claims: object): string =>
  `${PUBLIC_URL}/l/${signLink(keys, { expiresAt, ...claims } as Parameters<typeof signLink>[1])}?lang=en`;

function emailOf({ kind, inviterId, recipientId, invitationId }: Mail): Email {
  const [inviter, recipient] = [members.get(inviterId)!, members.get(recipientId)!];
  const accept = { purpose: 'accept', memberId: recipientId, invitationId, openAt: new Date() };
  const common = {
    inviter,
    acceptUrl: link(accept),
    replyUrl: `${PUBLIC_URL}/inbox/${invitationId}/reply?lang=en`,
    ignoreUrl: `${PUBLIC_URL}/inbox/${invitationId}/ignore?lang=en`,
    inboxUrl: `${PUBLIC_URL}/inbox?lang=en`,
    preferencesUrl: link({ purpose: 'preferences', memberId: recipientId }),
  };
  const { preferencesUrl } = common;
  switch (kind) {
    case 'invitation':
      return renderEmail('invitation', { ...common, message: MESSAGE }, 'en');
    case 'reminder':
      return renderEmail('reminder', common, 'en');
    case 'reply':
      return renderEmail(
        'reply',
        { replier: recipient, message: MESSAGE, preferencesUrl, sentUrl: `${PUBLIC_URL}/sent?lang=en` },
        'en',
      );
    case 'acceptance':
      break;
  }
  const summary = { total: 3, inCommon: 1, namesInCommon: ['Member Number 7'] };
  return renderEmail('acceptance', { connection: recipient, summary, preferencesUrl }, 'en');
}

function optionsOf(mail: Mail): SendMailOptions {
  const { kind, inviterId, recipientId } = mail;
  const [toId, aboutId] =
    kind === 'invitation' || kind === 'reminder' ? [recipientId, inviterId] : [inviterId, recipientId];
  const unsubscribe = link({ purpose: 'unsubscribe', memberId: toId, kind: 'invitations' });
  const key = { ...mail, recipientId: toId };
  const thread =
    kind === 'reminder' ? formatMessageId({ ...key, kind: 'invitation' }, 'network.example') : undefined;
  return {
    from: formatMemberSender(FROM, members.get(aboutId)!.name, undefined, 'en'),
    to: members.get(toId)!.email,
    messageId: formatMessageId(key, 'network.example'),
    ...emailOf(mail),
    ...(thread === undefined ? {} : { inReplyTo: thread, references: [thread] }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'List-Id': '<invitations.network.example>',
      'List-Unsubscribe': { prepared: true, value: `<${unsubscribe}>` },
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  };
}

const mails = Array.from({ length: count }, (_, n) => optionsOf(mailOf(first + n)));
const transport = createTransport({
  pool: true,
  host: '127.0.0.1',
  port: Number(SMTP_PORT),
  secure: false,
  maxConnections: Number(CONNECTIONS),
});

let next = 0;
async function lane(until: number): Promise<void> {
  while (next < until) await transport.sendMail(mails[next++]!);
}
// Twice the number of connections, so that no connection ever waits for an e-mail.
const all = (until: number) =>
  Promise.all(Array.from({ length: 2 * Number(CONNECTIONS) }, () => lane(until)));
await all(uncounted);
process.send!('warm');
process.once('message', () => {
  void all(count).then(() => process.send!('done'));
});
process.once('SIGTERM', () => process.exit());
