import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { MemberProfile } from '#libs/contracts';
import { listen } from '#libs/dev-servers';
import { issueToken } from './dev-issuer.js';

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `:root{color-scheme:light dark}
body{background:Canvas;color:CanvasText;font:1rem/1.5 system-ui,sans-serif;max-inline-size:32rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;line-height:1.3}
button{font:inherit;inline-size:100%;text-align:start;padding:.75rem 1rem;margin:.25rem 0;border:1px solid GrayText;border-radius:.75rem;background:Canvas;color:CanvasText;cursor:pointer}
button:hover{border-color:CanvasText}
button span{display:block;overflow-wrap:anywhere}
button span:first-child{font-weight:600}
ul{display:flex;gap:.5rem;list-style:none;padding:0}
a{color:inherit;display:flex;align-items:center;justify-content:center;min-block-size:2.75rem;min-inline-size:2.75rem}
:focus-visible{outline:3px solid;outline-offset:2px}`;

const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Stands in for the identity provider: lets a person choose a sample member, and sets the session cookie, which a
 * browser sends to every port of 127.0.0.1. Over plain HTTP, its name has no `__Host-` prefix.
 * @param home the origin that the page may redirect back to
 */
export async function startSignInPage(
  preferredPort: number,
  home: string,
  members: readonly MemberProfile[],
) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const back = url.searchParams.get('return') ?? `${home}/inbox`;
    const target = back.startsWith(`${home}/`) ? back : `${home}/inbox`;
    const member = members.find(({ id }) => `/sign-in/${id}` === url.pathname);
    if (request.method === 'POST' && member !== undefined) {
      return void issueToken(member.id).then(
        (token) =>
          response
            .writeHead(303, {
              location: target,
              'set-cookie': `session=${token}; Path=/; HttpOnly; SameSite=Lax`,
              ...COMMON_HEADERS,
            })
            .end(),
        () =>
          response.writeHead(500, COMMON_HEADERS).end('could not create a token: check the state directory'),
      );
    }
    if (url.pathname !== '/sign-in') return response.writeHead(404, COMMON_HEADERS).end('not found');
    const asked = url.searchParams.get('lang');
    const texts = chooseSignInTexts(asked, request.headers);
    return response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-language': texts.lang,
        'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self' ${home}; frame-ancestors 'none'; base-uri 'none'`,
        ...COMMON_HEADERS,
        // The service's pages then use the same language: they are on the same host.
        ...(asked === texts.lang ? { 'set-cookie': `lang=${asked}; Path=/; HttpOnly; SameSite=Lax` } : {}),
      })
      .end(renderPage(texts, members, encodeURIComponent(target)));
  });
  const port = await listen(server, preferredPort);
  return {
    url: `http://127.0.0.1:${port}/sign-in`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const renderPage = (texts: SignInTexts, members: readonly MemberProfile[], target: string) => `<!doctype html>
<html lang="${texts.lang}" dir="${texts.dir}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title}</title>
<style>${STYLE}</style>
</head>
<body><main>
<h1>${texts.question}</h1>
<p>${texts.explanation}</p>
${members
  .map(
    ({ id, name, headline }) =>
      `<form method="post" action="/sign-in/${escapeHtml(id)}?return=${target}"><button><span><bdi>${escapeHtml(name)}</bdi></span><span><bdi>${escapeHtml(headline)}</bdi></span></button></form>`,
  )
  .join('\n')}
</main>
<footer><nav aria-label="${texts.languages}"><ul>
${SIGN_IN_TEXTS.map(
  ({ lang, languageName }) =>
    `<li><a href="?return=${target}&amp;lang=${lang}" lang="${lang}" hreflang="${lang}"${lang === texts.lang ? ' aria-current="true"' : ''}>${languageName}</a></li>`,
).join('\n')}
</ul></nav></footer>
</body></html>`;

/** The texts of the sign-in page. */
interface SignInTexts {
  readonly lang: 'en' | 'ar';
  readonly dir: 'ltr' | 'rtl';
  readonly languageName: string;
  readonly title: string;
  readonly question: string;
  readonly explanation: string;
  readonly languages: string;
}

const SIGN_IN_TEXTS: readonly SignInTexts[] = [
  {
    lang: 'en',
    dir: 'ltr',
    languageName: 'English',
    title: 'Sign in · sample network',
    question: 'Who are you?',
    explanation: 'This page stands in for the network’s own sign-in. It exists on this machine only.',
    languages: 'Language',
  },
  {
    lang: 'ar',
    dir: 'rtl',
    languageName: 'العربية',
    title: 'تسجيل الدخول · شبكة تجريبية',
    question: 'من أنت؟',
    explanation: 'صفحة تجريبية بدل تسجيل الدخول إلى الشبكة، تعمل على هذا الجهاز فقط.',
    languages: 'اللغة',
  },
];

/**
 * Returns the texts in the language of the URL, otherwise the one chosen on any of the service's pages, otherwise the
 * browser's preference.
 */
function chooseSignInTexts(
  asked: string | null,
  headers: { readonly cookie?: string | undefined; readonly 'accept-language'?: string | undefined },
): SignInTexts {
  const chosen = /(?:^|; ?)lang=([a-z]{2})(?:;|$)/.exec(headers.cookie ?? '')?.[1];
  const preferred = /\b(?:ar|en)\b/i.exec(headers['accept-language'] ?? '')?.[0].toLowerCase();
  for (const lang of [asked, chosen, preferred]) {
    const texts = SIGN_IN_TEXTS.find((known) => known.lang === lang);
    if (texts !== undefined) return texts;
  }
  return SIGN_IN_TEXTS[0]!;
}
