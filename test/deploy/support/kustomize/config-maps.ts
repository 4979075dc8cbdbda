import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ConfigMapArgs, GeneratorOptions } from './kustomization.js';
import { containersOf, type Draft, type Item } from './objects.js';

type Data = Record<string, string>;

/** Makes a ConfigMap, or adds to one that a base has made. */
export function generate(
  items: Item[],
  folder: string,
  args: ConfigMapArgs,
  { disableNameSuffixHash = false, labels }: GeneratorOptions = {},
): void {
  const data = dataOf(folder, args);
  if (args.behavior === 'merge') {
    const item = items.find(
      ({ draft, originalName }) => draft.kind === 'ConfigMap' && originalName === args.name,
    );
    if (item === undefined) throw new Error(`there is no ConfigMap ${args.name} to merge with`);
    Object.assign(item.draft['data'] as Data, data);
    return;
  }
  const draft: Draft = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: args.name, ...(labels && { labels: { ...labels } }) },
    data,
  };
  items.push({ draft, originalName: args.name, isHashed: !disableNameSuffixHash });
}

function dataOf(folder: string, { envs = [], files = [], literals = [] }: ConfigMapArgs): Data {
  const lines = envs.flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .map((line) => line.trimStart())
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
  return Object.fromEntries([
    ...[...lines, ...literals].map((line) => [
      line.slice(0, line.indexOf('=')),
      line.slice(line.indexOf('=') + 1),
    ]),
    ...files.map((file) => [basename(file), readFileSync(join(folder, file), 'utf8')]),
  ]) as Data;
}

/** Gives generated names their hashes, and these names to what refers to them. */
export function addHashes(items: readonly Item[]): void {
  const renamed = new Map<string, string>();
  for (const { draft, originalName, isHashed } of items) {
    if (!isHashed) continue;
    draft.metadata.name += `-${hashOf(draft)}`;
    renamed.set(originalName, draft.metadata.name);
  }
  for (const { env = [] } of items.flatMap(({ draft }) => containersOf(draft))) {
    for (const { valueFrom } of env) {
      const ref = valueFrom?.configMapKeyRef;
      if (ref !== undefined) ref.name = renamed.get(ref.name) ?? ref.name;
    }
  }
}

/** As kustomize's hasher has it: ten digits of SHA-256 of all but the name, spelt so that no word comes of them. */
function hashOf({ data, kind }: Draft): string {
  const sorted = Object.fromEntries(Object.entries(data as Data).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const json = JSON.stringify({ data: sorted, kind, name: '' }).replaceAll(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const spelling: Record<string, string> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };
  return hash('sha256', json)
    .slice(0, 10)
    .replaceAll(/[013ae]/g, (digit) => spelling[digit]!);
}
