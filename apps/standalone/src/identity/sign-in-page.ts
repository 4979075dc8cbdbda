import { createServer } from 'node:http';
import type { MemberProfile } from '#libs/contracts';
import { listen } from '#libs/dev-servers';
import { issueToken } from './dev-issuer.js';

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * What an identity provider does in production: lets a person choose which sample member they are, and sets the session
 * cookie, which a browser sends to every port of 127.0.0.1.
 * @param home where one may be sent back to, and nowhere else
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
              'cache-control': 'no-store',
            })
            .end(),
        () => response.writeHead(500).end('no token can be made, see the state directory'),
      );
    }
    if (url.pathname !== '/sign-in') return response.writeHead(404).end('not found');
    return response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${home}; frame-ancestors 'none'`,
        'cache-control': 'no-store',
      })
      .end(page(members, encodeURIComponent(target)));
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

const page = (members: readonly MemberProfile[], target: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Sign in · sample network</title>
<style>body{font:16px/1.5 system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}
button{font:inherit;width:100%;text-align:start;padding:.75rem 1rem;margin:.25rem 0;border:1px solid;border-radius:.5rem;cursor:pointer}
small{opacity:.75}</style>
</head>
<body><main>
<h1>Who are you?</h1>
<p>This page stands in for the network's own sign-in. It exists on this machine only.</p>
${members
  .map(
    ({ id, name, headline }) =>
      `<form method="post" action="/sign-in/${escaped(id)}?return=${target}"><button dir="auto">${escaped(name)}<br><small>${escaped(headline)}</small></button></form>`,
  )
  .join('\n')}
</main></body></html>`;
