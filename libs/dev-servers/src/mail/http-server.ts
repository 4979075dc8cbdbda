import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MailReader } from './mailbox/mail-reader.js';
import { type Mailbox, type MailLimits, MAX_CONNECTIONS } from './mailbox/mailbox.js';
import { inboxPage } from './pages/inbox-page.js';
import { refreshScript, styleSheet } from './pages/layout.js';
import { messagePage } from './pages/message-page.js';

/** How often Node checks for requests that exceed their timeout. */
const TIMEOUT_CHECK_INTERVAL_MS = 1_000;

/** Serves the mail page and the JSON API. */
export function createMailHttpServer(
  mailbox: Mailbox,
  reader: MailReader,
  { smtpUrl, limits }: { smtpUrl: string; limits: MailLimits },
): Server {
  const routes = createRoutes({ mailbox, reader, smtpUrl, limits });
  const server = createServer(
    {
      headersTimeout: limits.timeoutMs,
      requestTimeout: limits.timeoutMs,
      connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_INTERVAL_MS, limits.timeoutMs),
    },
    (request, response) => {
      handle(routes, request)
        .catch((error: unknown) => text(500, String(error)))
        .then((content) => send(response, content))
        // The client disconnected in the middle of the response.
        .catch(() => response.destroy());
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(limits.timeoutMs);
  return server;
}

async function handle(
  routes: readonly Route[],
  { method = 'GET', url = '/' }: IncomingMessage,
): Promise<RouteResponse> {
  const [path = '/', query] = url.split('?', 2);
  const matching = routes.filter((route) => route.path.test(path));
  const route = matching.find((candidate) => candidate.method === (method === 'HEAD' ? 'GET' : method));
  if (route) {
    const id = route.path.exec(path)?.groups?.['id'] ?? '';
    return (await route.handle(id, new URLSearchParams(query))) ?? text(404, 'This mail does not exist.');
  }
  if (matching.length === 0) return text(404, 'This page does not exist.');
  return {
    ...text(405, 'Method not allowed.'),
    allow: matching.map((candidate) => candidate.method).join(', '),
  };
}

async function send(response: ServerResponse, content: RouteResponse): Promise<void> {
  response.writeHead(content.status, {
    'Content-Type': content.type,
    'Content-Security-Policy': content.policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    ...(content.allow && { Allow: content.allow }),
  });
  if (typeof content.body === 'string' || Buffer.isBuffer(content.body)) response.end(content.body);
  else await pipeline(Readable.from(content.body), response);
}

interface Route {
  readonly method: 'GET' | 'DELETE';
  readonly path: RegExp;
  /** @returns undefined when the mail does not exist */
  handle(id: string, query: URLSearchParams): Promise<RouteResponse | undefined> | RouteResponse | undefined;
}

/** Mails on one page of the list. */
const PAGE_SIZE = 100;

function createRoutes(context: {
  mailbox: Mailbox;
  reader: MailReader;
  smtpUrl: string;
  limits: MailLimits;
}): Route[] {
  const { mailbox, reader } = context;
  return [
    get(/^\/$/, async (_id, query) => {
      const before = query.get('before');
      const ids = mailbox.list().filter((id) => !before || id < before);
      const messages = await Promise.all(ids.slice(0, PAGE_SIZE).map((id) => reader.read(id)));
      return page(
        inboxPage({
          ...context,
          messages: messages.filter((message) => message !== undefined),
          total: mailbox.list().length,
          olderThan: ids.length > PAGE_SIZE ? ids[PAGE_SIZE - 1] : undefined,
        }),
      );
    }),
    get(/^\/messages\/(?<id>\d+)$/, async (id, query) => {
      const [message, mail] = await Promise.all([reader.read(id), mailbox.read(id)]);
      return message && mail && page(messagePage(message, mail, query.get('view')));
    }),
    get(/^\/messages\/(?<id>\d+)\/html$/, async (id) => {
      const message = await reader.read(id);
      // The first <base> wins. A later doctype is ignored, and a later <html> adds its attributes to the implied one.
      return message && mailHtml(`<!doctype html><base target="_blank">${message.html ?? ''}`);
    }),
    get(/^\/style\.css$/, () => file('text/css; charset=utf-8', styleSheet)),
    get(/^\/refresh\.js$/, () => file('text/javascript; charset=utf-8', refreshScript)),

    get(/^\/api\/messages$/, (_id, query) => json(listAsJson(mailbox, reader, query.get('to')))),
    get(/^\/api\/messages\/(?<id>\d+)$/, async (id) => {
      const message = await reader.read(id);
      return message && json(JSON.stringify(message));
    }),
    get(/^\/api\/messages\/(?<id>\d+)\/raw$/, async (id) => {
      const mail = await mailbox.read(id);
      return mail && file('message/rfc822', mail.content);
    }),
    {
      method: 'DELETE',
      path: /^\/api\/messages$/,
      async handle() {
        await mailbox.clear();
        return noContent();
      },
    },
  ];
}

function get(path: RegExp, handle: Route['handle']): Route {
  return { method: 'GET', path, handle };
}

/**
 * Yields mail by mail, because all of them together may exceed the memory.
 * @param recipient only mails to this address; null for all
 */
async function* listAsJson(
  mailbox: Mailbox,
  reader: MailReader,
  recipient: string | null,
): AsyncGenerator<string> {
  let separator = '[';
  for (const id of mailbox.list()) {
    const message = await reader.read(id);
    if (!message || (recipient !== null && !message.to.includes(recipient))) continue;
    yield separator + JSON.stringify(message);
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

interface RouteResponse {
  readonly status: number;
  readonly type: string;
  /** The Content-Security-Policy. */
  readonly policy: string;
  readonly body: string | Buffer | AsyncIterable<string>;
  /** The allowed methods, for status 405. */
  readonly allow?: string;
}

const POLICY_NONE = "default-src 'none'; frame-ancestors 'none'";

/** For our own pages: style sheet, script and the frame with the mail come from this server. */
const POLICY_PAGE =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * For the HTML of a mail, whose author is not trusted: it may use any style, but may run no script and fetch nothing, not even an
 * image. Links open in a new tab.
 */
const POLICY_MAIL =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

function text(status: number, body: string): RouteResponse {
  return { status, type: 'text/plain; charset=utf-8', policy: POLICY_NONE, body };
}

function page(body: string): RouteResponse {
  return { status: 200, type: 'text/html; charset=utf-8', policy: POLICY_PAGE, body };
}

function mailHtml(body: string): RouteResponse {
  return { status: 200, type: 'text/html; charset=utf-8', policy: POLICY_MAIL, body };
}

function json(body: string | AsyncIterable<string>): RouteResponse {
  return { status: 200, type: 'application/json; charset=utf-8', policy: POLICY_NONE, body };
}

function file(type: string, body: string | Buffer): RouteResponse {
  return { status: 200, type, policy: POLICY_NONE, body };
}

function noContent(): RouteResponse {
  return text(204, '');
}
