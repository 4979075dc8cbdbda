import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Limits that keep a runaway sender from filling the disk or the memory. */
export interface MailLimits {
  /** The maximum size of a mail. */
  readonly bytes: number;
  /** The maximum number of mails. When it is exceeded, the oldest one is deleted. */
  readonly messages: number;
  /** How long a client may send nothing, and how long it may take to send an HTTP request. */
  readonly timeoutMs: number;
}

export const DEFAULT_LIMITS: MailLimits = { bytes: 5_000_000, messages: 5_000, timeoutMs: 30_000 };

/** Open connections of the SMTP and of the HTTP server each. Further connections are rejected. */
export const MAX_CONNECTIONS = 200;

/** The SMTP envelope of a mail. Blind copies, for example, are in the envelope only. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
}

const HEADER = 'X-Dev-Server-Envelope: ';

/** The envelope as the first header line of the .eml file, so that the file stays a mail that any program can open. */
function toHeaderLine(envelope: Envelope): string {
  return `${HEADER}${asciiJson(envelope)}\r\n`;
}

/** Separates the envelope from the content. A file without an envelope, added by hand, gets an empty one. */
function splitFile(file: Buffer): { envelope: Envelope; content: Buffer } {
  const end = file.indexOf('\r\n');
  const line = file.subarray(0, Math.max(end, 0)).toString('latin1');
  if (!line.startsWith(HEADER)) {
    return { envelope: { from: '', to: [], receivedAt: new Date(0).toISOString() }, content: file };
  }
  return { envelope: JSON.parse(line.slice(HEADER.length)) as Envelope, content: file.subarray(end + 2) };
}

function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const FILE = /^(\d{16})\.eml$/;
const INCOMING = 'incoming-';

/** With the SMTP status that the server responds with. */
class MailTooLargeError extends Error {
  readonly responseCode = 552;
}

/** Stores mails in one file each. A mail is written as it arrives, so that its content is never in memory as a whole. */
export class Mailbox {
  private constructor(
    private readonly directory: string,
    private readonly limits: MailLimits,
    private readonly ids: Set<string>,
    private lastId: number,
  ) {}

  static async open(directory: string, limits: MailLimits): Promise<Mailbox> {
    await mkdir(directory, { recursive: true });
    const names = await readdir(directory);
    const incomplete = names.filter((name) => name.startsWith(INCOMING));
    await Promise.all(incomplete.map((name) => rm(join(directory, name), { force: true })));
    const ids = names.flatMap((name) => FILE.exec(name)?.[1] ?? []).toSorted();
    const mailbox = new Mailbox(directory, limits, new Set(ids), Number(ids.at(-1) ?? 0));
    await mailbox.deleteOldest();
    return mailbox;
  }

  /** Newest first. */
  list(): string[] {
    return this.oldestFirst().toReversed();
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /**
   * Stores a mail. It is on disk when the promise resolves.
   * @returns its id
   * @throws MailTooLargeError; whatever the stream or the disk throws
   */
  async receive(content: Readable, envelope: Omit<Envelope, 'receivedAt'>): Promise<string> {
    const incoming = join(this.directory, `${INCOMING}${randomUUID()}`);
    try {
      await this.write(incoming, content, { ...envelope, receivedAt: new Date().toISOString() });
      const id = this.nextId();
      await rename(incoming, this.pathOf(id));
      await sync(this.directory);
      this.ids.add(id);
      await this.deleteOldest();
      return id;
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  }

  /** @returns undefined when the mail does not exist or was deleted */
  async read(id: string): Promise<{ envelope: Envelope; content: Buffer } | undefined> {
    if (!this.has(id)) return undefined;
    const file = await readFile(this.pathOf(id)).catch(() => undefined);
    return file && splitFile(file);
  }

  async clear(): Promise<void> {
    await this.remove(this.oldestFirst());
  }

  private async write(path: string, content: Readable, envelope: Envelope): Promise<void> {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(toHeaderLine(envelope));
      let size = 0;
      for await (const chunk of content as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > this.limits.bytes) {
          throw new MailTooLargeError(`a mail may have at most ${this.limits.bytes} bytes`);
        }
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Microseconds since 1970, unique, and increasing even if the clock is set back, so that names sort by age. */
  private nextId(): string {
    this.lastId = Math.max(Date.now() * 1_000, this.lastId + 1);
    return String(this.lastId);
  }

  /** Sorted, because concurrent mails may be added in another order than that of their ids. */
  private oldestFirst(): string[] {
    return [...this.ids].toSorted();
  }

  private async deleteOldest(): Promise<void> {
    const excess = this.ids.size - this.limits.messages;
    if (excess > 0) await this.remove(this.oldestFirst().slice(0, excess));
  }

  private async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.ids.delete(id);
    await Promise.all(ids.map((id) => rm(this.pathOf(id), { force: true })));
  }

  private pathOf(id: string): string {
    return join(this.directory, `${id}.eml`);
  }
}

/** Makes a rename survive a power failure. */
async function sync(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
