import type { VNode } from 'preact';
import type { MailMessage } from '../mailbox/mail-reader.js';
import type { MailLimits } from '../mailbox/mailbox.js';
import { BidiText, renderPage, Time } from './layout.js';

const SNIPPET_LENGTH = 160;

export interface Inbox {
  readonly messages: readonly MailMessage[];
  readonly total: number;
  /** The id before which the next page begins; undefined on the last page. */
  readonly olderThan: string | undefined;
  readonly smtpUrl: string;
  readonly limits: MailLimits;
}

export function inboxPage(inbox: Inbox): string {
  return renderPage(`Mail (${inbox.total})`, <InboxPage {...inbox} />, '/refresh.js');
}

function InboxPage({ messages, total, olderThan, smtpUrl, limits }: Inbox): VNode {
  return (
    <>
      <header class="bar">
        <h1>Mail</h1>
        <span class="count" id="count">
          {total}
        </span>
        <span class="muted">no mail here was delivered</span>
      </header>
      <main id="messages">
        {messages.length === 0 && (
          <p class="empty">
            No mail yet. Mail that is sent to <code>{smtpUrl}</code> appears here.
          </p>
        )}
        <ol class="mails">
          {messages.map((message) => (
            <Row key={message.id} message={message} />
          ))}
        </ol>
        {olderThan && (
          <p class="more">
            <a href={`/?before=${olderThan}`}>Older mail</a>
          </p>
        )}
      </main>
      <footer>
        <p>
          Send to <code>{smtpUrl}</code>. A recipient that starts with <code>reject-5xx</code> is rejected
          permanently (550), one that starts with <code>reject-4xx</code> temporarily (451).
        </p>
        <p>
          At most {limits.messages.toLocaleString('en')} mails of {limits.bytes / 1e6} MB each are kept.{' '}
          <code>GET</code> and <code>DELETE</code> <a href="/api/messages">/api/messages</a> for programs.
        </p>
      </footer>
    </>
  );
}

function Row({ message }: { message: MailMessage }): VNode {
  return (
    <li>
      <a href={`/messages/${message.id}`}>
        <BidiText class="subject">{message.subject || 'No subject'}</BidiText>
        <Time iso={message.receivedAt} />
        <span class="people">
          <BidiText>{message.from}</BidiText> to <BidiText>{message.to.join(', ')}</BidiText>
        </span>
        <BidiText class="snippet">{message.text?.slice(0, SNIPPET_LENGTH)}</BidiText>
      </a>
    </li>
  );
}
