import type { MailLimits } from '../limits.js';
import type { Mailbox } from '../mailbox.js';
import type { MailReader } from '../mail-reader.js';
import { inboxPage } from '../pages/inbox-page.js';
import { messagePage } from '../pages/message-page.js';
import { refreshScript } from '../pages/refresh-script.js';
import { styleSheet } from '../pages/style-sheet.js';
import { file, json, mailHtml, noContent, page, type Reply } from './reply.js';

export interface Route {
  readonly method: 'GET' | 'DELETE';
  readonly path: RegExp;
  /** Undefined: there is no such mail. */
  reply(id: string, query: URLSearchParams): Promise<Reply | undefined> | Reply | undefined;
}

/** How many mails the page shows at a time. */
const PAGE_SIZE = 100;

export function routes(of: {
  mailbox: Mailbox;
  reader: MailReader;
  smtpUrl: string;
  limits: MailLimits;
}): Route[] {
  const { mailbox, reader } = of;
  return [
    get(/^\/$/, async (_id, query) => {
      const before = query.get('before');
      const ids = mailbox.list().filter((id) => !before || id < before);
      const messages = await Promise.all(ids.slice(0, PAGE_SIZE).map((id) => reader.read(id)));
      return page(
        inboxPage({
          ...of,
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

    get(/^\/api\/messages$/, () => json(list(mailbox, reader))),
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
      async reply() {
        await mailbox.clear();
        return noContent();
      },
    },
  ];
}

function get(path: RegExp, reply: Route['reply']): Route {
  return { method: 'GET', path, reply };
}

/** Mail by mail: all of them together may be larger than the memory. */
async function* list(mailbox: Mailbox, reader: MailReader): AsyncGenerator<string> {
  let separator = '[';
  for (const id of mailbox.list()) {
    const message = await reader.read(id);
    if (!message) continue;
    yield separator + JSON.stringify(message);
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}
