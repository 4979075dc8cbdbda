import type { Email, Language } from '#libs/mail';
import { pictureOf } from './screenshots.js';
import { VIEWS } from './views.js';

export interface Preview extends Email {
  readonly name: string;
  readonly language: Language;
}

const STYLE = `
:root{color-scheme:light dark;font-family:system-ui,sans-serif}
body{max-width:80rem;margin:2rem auto;padding:0 1rem}
.views{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}
figure{margin:0} img,iframe,pre{max-width:100%;border:1px solid #8888;border-radius:.5rem}
pre{padding:1rem;white-space:pre-wrap;width:34rem;box-sizing:border-box;unicode-bidi:plaintext}
iframe{width:45rem;height:40rem}
`;

/** Renders all e-mails on one page; without pictures it embeds the e-mails themselves. */
export function indexPage(previews: readonly Preview[], pictures: boolean): string {
  const contents = previews.map(({ name }) => `<li><a href="#${name}">${name}</a></li>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>E-mails</title><style>${STYLE}</style></head>
<body><h1>E-mails</h1>
${pictures ? '' : '<p>There was no browser to take pictures with.</p>'}
<ul>${contents}</ul>
${previews.map((preview) => section(preview, pictures)).join('\n')}
</body></html>
`;
}

function section({ name, subject, text, language }: Preview, pictures: boolean): string {
  const shown = pictures
    ? VIEWS.map((view) => {
        const words = `${name}, ${view.name}, ${view.width} px`;
        return `<figure><img src="${pictureOf(name, view)}" alt="${words}"><figcaption>${words}</figcaption></figure>`;
      }).join('')
    : `<iframe src="${name}.html" sandbox title="${name}"></iframe>`;
  return `<section id="${name}"><h2>${name}</h2>
<p><bdi lang="${language}">${escaped(subject)}</bdi> · <a href="${name}.html">HTML</a> · <a href="${name}.txt">text</a></p>
<div class="views">${shown}<pre lang="${language}">${escaped(text)}</pre></div></section>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
