import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MAX_CONNECTIONS, type MailLimits } from '../limits.js';
import type { Mailbox } from '../mailbox.js';
import type { MailReader } from '../mail-reader.js';
import { type Reply, text } from './reply.js';
import { type Route, routes } from './routes.js';

/** How often Node looks for requests that take too long, in milliseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** The page and the JSON API. */
export function httpServer(
  mailbox: Mailbox,
  reader: MailReader,
  { smtpUrl, limits }: { smtpUrl: string; limits: MailLimits },
): Server {
  const table = routes({ mailbox, reader, smtpUrl, limits });
  const server = createServer(
    {
      headersTimeout: limits.patienceMs,
      requestTimeout: limits.patienceMs,
      connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, limits.patienceMs),
    },
    (request, response) => {
      answer(table, request)
        .catch((error: unknown) => text(500, String(error)))
        .then((reply) => send(response, reply))
        // The client went away in the middle of the answer.
        .catch(() => response.destroy());
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(limits.patienceMs);
  return server;
}

async function answer(
  table: readonly Route[],
  { method = 'GET', url = '/' }: IncomingMessage,
): Promise<Reply> {
  const [path = '/', query] = url.split('?', 2);
  const matching = table.filter((route) => route.path.test(path));
  const route = matching.find((candidate) => candidate.method === (method === 'HEAD' ? 'GET' : method));
  if (route) {
    const id = route.path.exec(path)?.groups?.['id'] ?? '';
    return (await route.reply(id, new URLSearchParams(query))) ?? text(404, 'There is no such mail.');
  }
  if (matching.length === 0) return text(404, 'There is no such page.');
  return {
    ...text(405, 'Method not allowed.'),
    allow: matching.map((candidate) => candidate.method).join(', '),
  };
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  response.writeHead(reply.status, {
    'Content-Type': reply.type,
    'Content-Security-Policy': reply.policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    ...(reply.allow && { Allow: reply.allow }),
  });
  if (typeof reply.body === 'string' || Buffer.isBuffer(reply.body)) response.end(reply.body);
  else await pipeline(Readable.from(reply.body), response);
}
