import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { directionOf, type Language } from '../language/language.js';
import { LOOKS, startOf, STYLE_SHEET } from './style.js';

/**
 * The whole page of an e-mail; Preact escapes all that is in it. Language and direction are on the inner element too,
 * for clients that show only what is in <body>. Nothing depends on the styles but its looks.
 */
export function htmlPage(subject: string, body: VNode, language: Language): string {
  const spoken = { lang: language, dir: directionOf(language) };
  const html = renderToString(
    <html {...spoken}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>{subject}</title>
        <style>{STYLE_SHEET}</style>
      </head>
      <body class="page" style={{ margin: '0', background: LOOKS.page.background }}>
        <div class="page" {...spoken} style={LOOKS.page}>
          <div class="card" style={{ ...LOOKS.card, textAlign: startOf(spoken.dir) }}>
            {body}
          </div>
        </div>
      </body>
    </html>,
  );
  return `<!doctype html>${html}`;
}
