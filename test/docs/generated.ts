import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');

/** Reads a document as it is in the repository. @param path in the project */
export const readDocument = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

/** Writes a document that is generated from the code. Its spec renders it again and compares it with the file. */
export function writeDocument(path: string, content: string | Uint8Array): void {
  const file = join(PROJECT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
