import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * A small file that is replaced as a whole, so that after a kill of this process it holds the old or the new state. It is not synced
 * to disk: a development broker may lose data when the machine crashes.
 */
export class JsonFile<T> {
  constructor(private readonly path: string) {}

  /** @returns undefined when the file does not exist @throws when it is not JSON */
  read(): T | undefined {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`${this.path}: ${(error as Error).message}`, { cause: error });
    }
  }

  write(value: T): void {
    replaceFile(this.path, JSON.stringify(value));
  }
}

export function replaceFile(path: string, content: string): void {
  writeFileSync(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
}
