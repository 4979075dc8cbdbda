import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Envelope, splitFile, toHeaderLine } from './envelope.js';
import type { MailLimits } from './limits.js';

const FILE = /^(\d{16})\.eml$/;
const INCOMING = 'incoming-';

/** A refusal that SMTP knows a code for. */
export class MailTooLarge extends Error {
  readonly responseCode = 552;
}

/** The mails, one file each. Content is never held in memory. */
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
    const cutOff = names.filter((name) => name.startsWith(INCOMING));
    await Promise.all(cutOff.map((name) => rm(join(directory, name), { force: true })));
    const ids = names.flatMap((name) => FILE.exec(name)?.[1] ?? []).toSorted();
    const mailbox = new Mailbox(directory, limits, new Set(ids), Number(ids.at(-1) ?? 0));
    await mailbox.dropOldest();
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
   * Keeps a mail. When this resolves it is on disk.
   * @returns its id
   * @throws MailTooLarge; whatever the stream or the disk throws
   */
  async receive(content: Readable, envelope: Omit<Envelope, 'receivedAt'>): Promise<string> {
    const incoming = join(this.directory, `${INCOMING}${randomUUID()}`);
    try {
      await this.write(incoming, content, { ...envelope, receivedAt: new Date().toISOString() });
      const id = this.nextId();
      await rename(incoming, this.pathOf(id));
      await sync(this.directory);
      this.ids.add(id);
      await this.dropOldest();
      return id;
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  }

  /** @returns undefined when there is no such mail, or no longer */
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
          throw new MailTooLarge(`a mail may have at most ${this.limits.bytes} bytes`);
        }
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Microseconds since 1970, made unique; names sort by age also when the clock was set back. */
  private nextId(): string {
    this.lastId = Math.max(Date.now() * 1_000, this.lastId + 1);
    return String(this.lastId);
  }

  /** Mails that arrive together may be added in another order than that of their ids. */
  private oldestFirst(): string[] {
    return [...this.ids].toSorted();
  }

  private async dropOldest(): Promise<void> {
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
