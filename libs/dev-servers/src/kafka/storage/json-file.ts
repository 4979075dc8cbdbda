import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * A small file that is replaced as a whole, so that whoever kills this process finds the old state or the new one.
 * Nothing is flushed to the disk itself: what a crash of the machine loses is no loss in development.
 */
export class JsonFile<T> {
  constructor(private readonly path: string) {}

  /** @throws when it is there and is not JSON */
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
