import type { VNode } from 'preact';
import type { MailLimits } from '../limits.js';
import type { MailMessage } from '../mail-reader.js';
import { Foreign, renderPage, Time } from './layout.js';

const SNIPPET_LENGTH = 160;

export interface Inbox {
  readonly messages: readonly MailMessage[];
  readonly total: number;
  /** Where the next page begins, if there is one. */
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
        <span class="quiet">nothing here was delivered</span>
      </header>
      <main id="messages">
        {messages.length === 0 && (
          <p class="empty">
            No mail yet. What is sent to <code>{smtpUrl}</code> appears here.
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
          Send to <code>{smtpUrl}</code>. A recipient that starts with <code>reject-5xx</code> is refused for
          good (550), one that starts with <code>reject-4xx</code> for now (451).
        </p>
        <p>
          Up to {limits.messages.toLocaleString('en')} mails are kept, of {limits.bytes / 1e6} MB at most.{' '}
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
        <Foreign class="subject">{message.subject || 'No subject'}</Foreign>
        <Time iso={message.receivedAt} />
        <span class="people">
          <Foreign>{message.from}</Foreign> to <Foreign>{message.to.join(', ')}</Foreign>
        </span>
        <Foreign class="snippet">{message.text?.slice(0, SNIPPET_LENGTH)}</Foreign>
      </a>
    </li>
  );
}
