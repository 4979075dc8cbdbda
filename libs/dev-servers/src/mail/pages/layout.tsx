import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** A whole page. Everything in it is escaped by Preact. */
export function renderPage(title: string, content: VNode, script?: string): string {
  const html = renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
        {script && <script src={script} type="module" />}
      </head>
      <body>{content}</body>
    </html>,
  );
  return `<!doctype html>${html}`;
}

/** Text in a language of its own: Arabic reads from the right. */
export function Foreign({ children, class: name }: { children: ComponentChildren; class?: string }): VNode {
  return (
    <bdi dir="auto" class={name}>
      {children}
    </bdi>
  );
}

/** A time in this machine's zone, which on a development machine is the reader's. */
export function Time({ iso, full = false }: { iso: string; full?: boolean }): VNode {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  const shown = at.toLocaleString('en-GB', {
    ...((full || !today) && { dateStyle: 'medium' }),
    ...((full || today) && { timeStyle: 'medium' }),
  });
  return (
    <time dateTime={iso} title={iso}>
      {shown}
    </time>
  );
}
