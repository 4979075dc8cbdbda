import type { VNode } from 'preact';
import type { MailMessage } from '../mailbox/mail-reader.js';
import type { Envelope } from '../mailbox/mailbox.js';
import { BidiText, renderPage, Time } from './layout.js';

/** Of a larger source, the page shows this part only. */
const MAX_SOURCE_BYTES = 200_000;

const LABELS = { html: 'HTML', text: 'Text', headers: 'Headers', source: 'Source' } as const;
type View = keyof typeof LABELS;

interface StoredMail {
  readonly envelope: Envelope;
  readonly content: Buffer;
}

export function messagePage(message: MailMessage, mail: StoredMail, requestedView: string | null): string {
  const views = availableViews(message);
  const view = views.find((candidate) => candidate === requestedView) ?? views[0] ?? 'source';
  return renderPage(message.subject || 'No subject', <MessagePage {...{ message, mail, views, view }} />);
}

function availableViews({ html, text, headers }: MailMessage): View[] {
  return [
    ...(html === null ? [] : (['html'] as const)),
    ...(text === null ? [] : (['text'] as const)),
    ...(Object.keys(headers).length === 0 ? [] : (['headers'] as const)),
    'source',
  ];
}

function MessagePage(props: { message: MailMessage; mail: StoredMail; views: View[]; view: View }): VNode {
  const { message, mail, views, view } = props;
  return (
    <>
      <header class="bar">
        <a href="/">All mail</a>
        <a class="muted" href={`/api/messages/${message.id}/raw`} download={`${message.id}.eml`}>
          Download
        </a>
      </header>
      <main class="message">
        <h1>
          <BidiText>{message.subject || 'No subject'}</BidiText>
        </h1>
        <dl class="envelope">
          <dt>From</dt>
          <dd>
            <BidiText>{message.from}</BidiText>
          </dd>
          <dt>To</dt>
          <dd>
            <BidiText>{message.to.join(', ')}</BidiText>
          </dd>
          <dt>Received</dt>
          <dd>
            <Time iso={message.receivedAt} full />
          </dd>
        </dl>
        <nav class="views" aria-label="Parts of the mail">
          {views.map((candidate) => (
            <a
              key={candidate}
              href={`?view=${candidate}`}
              aria-current={candidate === view ? 'page' : undefined}
            >
              {LABELS[candidate]}
            </a>
          ))}
        </nav>
        {RENDER_VIEW[view](message, mail)}
      </main>
    </>
  );
}

const RENDER_VIEW: Record<View, (message: MailMessage, mail: StoredMail) => VNode> = {
  html: ({ id }) => (
    <iframe
      title="The mail's HTML"
      src={`/messages/${id}/html`}
      sandbox="allow-popups allow-popups-to-escape-sandbox"
    />
  ),
  text: ({ text }) => <TextWithLinks text={text ?? ''} />,
  headers: ({ headers }) => <Headers headers={headers} />,
  source: (_message, { content }) => <Source content={content} />,
};

function Headers({ headers }: Pick<MailMessage, 'headers'>): VNode {
  return (
    <dl class="headers">
      {Object.entries(headers).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Source({ content }: { content: Buffer }): VNode {
  const hidden = content.length - MAX_SOURCE_BYTES;
  return (
    <>
      <pre class="source">{content.toString('utf8', 0, MAX_SOURCE_BYTES)}</pre>
      {hidden > 0 && (
        <p class="muted">
          … {hidden.toLocaleString('en')} more bytes are not shown. Download the mail to see them.
        </p>
      )}
    </>
  );
}

/** A split by it has the links at odd indexes. A full stop or bracket after a link is not part of it. */
const LINK = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'])/;

function TextWithLinks({ text }: { text: string }): VNode {
  return (
    <pre class="text" dir="auto">
      {text.split(LINK).map((piece, index) =>
        index % 2 === 0 ? (
          piece
        ) : (
          <a key={index} href={piece} target="_blank" rel="noreferrer">
            {piece}
          </a>
        ),
      )}
    </pre>
  );
}
