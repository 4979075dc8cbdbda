import { LRUCache } from 'lru-cache';
import { simpleParser } from 'mailparser';
import type { Envelope, Mailbox } from './mailbox.js';

/** A mail as the API shows it. */
export interface MailMessage {
  readonly id: string;
  /** The From header or, without one, the envelope's sender. */
  readonly from: string;
  /** All recipients of the envelope. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  /** By lower-case name, unfolded. Encoded words are not decoded, and repeated headers are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
}

const CACHE_SIZE_CHARACTERS = 32_000_000;

/** Parses mails when they are read, and caches them because lists are polled. */
export class MailReader {
  private readonly cache: LRUCache<string, MailMessage>;

  constructor(private readonly mailbox: Mailbox) {
    this.cache = new LRUCache({
      maxSize: CACHE_SIZE_CHARACTERS,
      sizeCalculation: ({ text, html, headers }) =>
        1_000 + (text?.length ?? 0) + (html?.length ?? 0) + JSON.stringify(headers).length,
      fetchMethod: async (id) => {
        const mail = await mailbox.read(id);
        return mail && parse(id, mail.envelope, mail.content);
      },
    });
  }

  /** @returns undefined when the mail does not exist or was deleted */
  async read(id: string): Promise<MailMessage | undefined> {
    return this.mailbox.has(id) ? this.cache.fetch(id) : undefined;
  }
}

/** A mail that cannot be parsed is shown with the data of its envelope, and with its source. */
async function parse(id: string, envelope: Envelope, content: Buffer): Promise<MailMessage> {
  const mail = await simpleParser(content, { skipHtmlToText: true, skipTextToHtml: true }).catch(
    () => undefined,
  );
  return {
    id,
    from: mail?.from?.text || envelope.from,
    to: envelope.to,
    subject: mail?.subject ?? '',
    text: mail?.text ?? null,
    html: mail?.html || null,
    headers: joinHeaders(mail?.headerLines ?? []),
    receivedAt: envelope.receivedAt,
  };
}

function joinHeaders(lines: readonly { key: string; line: string }[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const { key, line } of lines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\r?\n(?=[ \t])/g, '')
      .trim();
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(headers);
}
