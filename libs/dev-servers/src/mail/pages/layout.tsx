import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** Renders a whole page. Preact escapes its content. */
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

/** Text whose direction depends on its language, for example right to left for Arabic. */
export function BidiText({ children, class: name }: { children: ComponentChildren; class?: string }): VNode {
  return (
    <bdi dir="auto" class={name}>
      {children}
    </bdi>
  );
}

/** A time in the time zone of this machine, which is the reader's own on a development machine. */
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

export const styleSheet = `
:root {
  color-scheme: light dark;
  --background: light-dark(#f6f7f9, #14171c);
  --surface: light-dark(#ffffff, #1d2128);
  --line: light-dark(#dfe3e8, #323843);
  --text: light-dark(#1b2330, #e6e9ee);
  --muted: light-dark(#5b6675, #9aa5b4);
  --accent: light-dark(#0b5cad, #7db8f5);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 60rem; min-height: 100vh; padding: 0 1rem;
  display: flex; flex-direction: column;
  background: var(--background); color: var(--text);
  font: 1rem/1.5 system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', sans-serif;
}
a { color: var(--accent); }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'Noto Sans Mono', monospace; font-size: .875em; }
.muted, time, footer, dt { color: var(--muted); }
.bar { display: flex; align-items: center; gap: .75rem; padding: 1.25rem 0 1rem; }
.bar .muted { margin-inline-start: auto; }
.count { background: var(--accent); color: var(--surface); border-radius: 1rem; padding: 0 .6rem; font-size: .875rem; font-weight: 600; }
main { flex: 1; }
.mails { list-style: none; margin: 0; padding: 0; background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; }
.mails:empty { display: none; }
.mails li + li { border-top: 1px solid var(--line); }
.mails a { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem 1rem; padding: .75rem 1rem; color: inherit; text-decoration: none; }
.mails a:hover, .mails a:focus-visible { background: color-mix(in srgb, var(--accent) 9%, transparent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: .25rem; }
.subject { font-weight: 600; }
.subject, .people, .snippet { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.people, .snippet, .mails time { font-size: .875rem; }
.people, .snippet { grid-column: 1 / -1; }
.snippet { color: var(--muted); }
.empty, .more { text-align: center; padding: 3rem 1rem; color: var(--muted); }
.more { padding: 1rem; }
footer { font-size: .8125rem; padding: 1.5rem 0; }
footer p { margin: .25rem 0; }
.message { display: flex; flex-direction: column; padding-bottom: 1rem; }
.envelope { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .75rem 0 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.views { display: flex; gap: .25rem; border-bottom: 1px solid var(--line); }
.views a { padding: .5rem .9rem; color: var(--muted); text-decoration: none; border-bottom: 2px solid transparent; margin-bottom: -1px; }
.views a:hover { color: var(--text); }
.views a[aria-current] { color: var(--text); border-color: var(--accent); font-weight: 600; }
iframe { flex: 1; width: 100%; min-height: 32rem; margin-top: 1rem; border: 1px solid var(--line); border-radius: .75rem; background: #fff; color-scheme: light; }
.text, .source, .headers { margin: 1rem 0; padding: 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
.text { font: inherit; white-space: pre-wrap; }
.source { white-space: pre-wrap; }
.headers div { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 0 1rem; padding: .25rem 0; font-size: .875rem; }
@media (max-width: 40rem) {
  body { padding: 0 .75rem; }
  .headers div { grid-template-columns: 1fr; }
  .bar .muted { font-size: .875rem; }
}
`;

/** Shows new mail without reloading the page, so that scroll position and focus stay. */
export const refreshScript = `
const parts = ['messages', 'count'];
setInterval(async () => {
  if (document.hidden) return;
  const response = await fetch(location.href).catch(() => undefined);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const id of parts) {
    const shown = document.getElementById(id);
    const next = fresh.getElementById(id);
    if (shown.innerHTML !== next.innerHTML) shown.replaceChildren(...next.childNodes);
  }
  document.title = fresh.title;
}, 2000);
`;
