import type { VNode } from 'preact';
import type { Envelope } from '../envelope.js';
import type { MailMessage } from '../mail-reader.js';
import { Foreign, renderPage, Time } from './layout.js';
import { TextWithLinks } from './text-with-links.js';

/** A larger source is shown in part, in bytes. */
const SOURCE_SHOWN = 200_000;

const LABELS = { html: 'HTML', text: 'Text', headers: 'Headers', source: 'Source' } as const;
type View = keyof typeof LABELS;

export interface StoredMail {
  readonly envelope: Envelope;
  readonly content: Buffer;
}

export function messagePage(message: MailMessage, mail: StoredMail, wanted: string | null): string {
  const views = viewsOf(message);
  const view = views.find((candidate) => candidate === wanted) ?? views[0] ?? 'source';
  return renderPage(message.subject || 'No subject', <MessagePage {...{ message, mail, views, view }} />);
}

function viewsOf({ html, text, headers }: MailMessage): View[] {
  return [
    ...(html === null ? [] : (['html'] as const)),
    ...(text === null ? [] : (['text'] as const)),
    ...(Object.keys(headers).length === 0 ? [] : (['headers'] as const)),
    'source',
  ];
}

function MessagePage(shown: { message: MailMessage; mail: StoredMail; views: View[]; view: View }): VNode {
  const { message, mail, views, view } = shown;
  return (
    <>
      <header class="bar">
        <a href="/">All mail</a>
        <a class="quiet" href={`/api/messages/${message.id}/raw`} download={`${message.id}.eml`}>
          Download
        </a>
      </header>
      <main class="message">
        <h1>
          <Foreign>{message.subject || 'No subject'}</Foreign>
        </h1>
        <dl class="envelope">
          <dt>From</dt>
          <dd>
            <Foreign>{message.from}</Foreign>
          </dd>
          <dt>To</dt>
          <dd>
            <Foreign>{message.to.join(', ')}</Foreign>
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
        {PARTS[view](message, mail)}
      </main>
    </>
  );
}

const PARTS: Record<View, (message: MailMessage, mail: StoredMail) => VNode> = {
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
  const hidden = content.length - SOURCE_SHOWN;
  return (
    <>
      <pre class="source">{content.toString('utf8', 0, SOURCE_SHOWN)}</pre>
      {hidden > 0 && <p class="quiet">… and {hidden.toLocaleString('en')} bytes more: download the mail.</p>}
    </>
  );
}
