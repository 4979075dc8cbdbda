import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../../deploy/support/files.js';

export const FOLDER = 'docs/runbooks';

export interface Runbook {
  readonly name: string;
  readonly text: string;
  /** The alerts that link to the page, according to the page. */
  readonly alerts: readonly string[];
  /** The commands of the page, block by block. */
  readonly blocks: readonly string[];
}

export function runbook(name: string): Runbook {
  const text = readFileSync(join(PROJECT, FOLDER, `${name}.md`), 'utf8');
  const line = /^Alerts: (.+)$/m.exec(text)?.[1] ?? '';
  return {
    name,
    text,
    alerts: [...line.matchAll(/`(\w+)`/g)].map(([, alert]) => alert!),
    blocks: blocksOf(text),
  };
}

/** Returns the shell blocks of a page. Blocks within a list are indented. */
export const blocksOf = (text: string): string[] =>
  [...text.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, indent, code]) =>
    code!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

export const RUNBOOKS: readonly string[] = readdirSync(join(PROJECT, FOLDER))
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -'.md'.length));
