import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { Refused } from '../cli/exit.js';

/** An export that is under way, or was when its process ended. Positions as text: they are 64 bit numbers. */
export interface Progressed {
  /** Tells one export from another: what was selected, in which form. */
  readonly request: string;
  /** Where it is to end, wherever the log ends by now. */
  readonly to: string;
  /** All of the log up to here is in the file; undefined before the first event. */
  readonly at?: string;
  readonly bytes: number;
  readonly events: number;
}

export const requestOf = (what: unknown): string =>
  createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);

/**
 * A file in the making: lines go to `<file>.part`, and how far they go to `<file>.progress`, after the disk has them. Whatever
 * a process that was killed had written behind that is cut off by the next.
 */
export class Unfinished {
  private constructor(
    private readonly file: string,
    private readonly part: FileHandle,
    readonly before: Progressed | undefined,
  ) {}

  /** @throws Refused where the file exists, or another export was left there */
  static async open(file: string, request: string, fresh: boolean): Promise<Unfinished> {
    const before = fresh ? undefined : await readProgress(file);
    if (!fresh && existsSync(file)) throw new Refused(`${file} exists: --fresh writes it anew`);
    if (before !== undefined && before.request !== request) {
      throw new Refused(
        `another export to ${file} is not finished: --fresh forgets that one and begins this`,
      );
    }
    const isGoneOnWith = before !== undefined && existsSync(partOf(file));
    const part = await open(partOf(file), isGoneOnWith ? 'r+' : 'w');
    if (isGoneOnWith) await part.truncate(before.bytes);
    return new Unfinished(file, part, isGoneOnWith ? before : undefined);
  }

  get path(): string {
    return partOf(this.file);
  }

  async write(bytes: Buffer, at: number): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const { bytesWritten } = await this.part.write(bytes, from, bytes.length - from, at + from);
      from += bytesWritten;
    }
  }

  /** From here on a kill costs nothing of what is behind. */
  async keep(progressed: Progressed): Promise<void> {
    await this.part.datasync();
    const draft = `${progressOf(this.file)}.tmp`;
    await writeFile(draft, JSON.stringify(progressed));
    await rename(draft, progressOf(this.file));
  }

  /** @param made what is to be the file, if it is not the lines themselves */
  async finish(made?: string): Promise<void> {
    await this.part.datasync();
    await this.part.close();
    await rename(made ?? this.path, this.file);
    await rm(progressOf(this.file), { force: true });
    await rm(this.path, { force: true });
  }

  async leave(): Promise<void> {
    await this.part.close().catch(() => undefined);
  }
}

const partOf = (file: string) => `${file}.part`;
const progressOf = (file: string) => `${file}.progress`;

async function readProgress(file: string): Promise<Progressed | undefined> {
  try {
    return JSON.parse(await readFile(progressOf(file), 'utf8')) as Progressed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
