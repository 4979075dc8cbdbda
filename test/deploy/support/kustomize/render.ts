import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentsOf, PROJECT, type Manifest } from '../files.js';
import { addHashes, generate } from './config-maps.js';
import { isFolder, readKustomization } from './kustomization.js';
import type { Draft, Item } from './objects.js';
import { transform } from './transform.js';

const LOCAL = 'config.kubernetes.io/local-config';

/**
 * What `kubectl kustomize` makes of a folder, so that an overlay can be looked at where there is no kubectl. It knows the
 * part of kustomize that deploy/ uses and refuses everything else; kustomize.spec.ts holds it against kustomize itself.
 * @param folder absolute
 */
export function render(folder: string): Manifest[] {
  const items: Item[] = [];
  accumulate(items, folder);
  addHashes(items);
  return items
    .map(({ draft }) => draft as unknown as Manifest)
    .filter(({ metadata }) => metadata.annotations?.[LOCAL] !== 'true');
}

/** The same. @param folder in the project */
export const rendered = (folder: string): Manifest[] => render(join(PROJECT, folder));

/** @param items those of the folders that refer to this one as a component; empty for a resource */
function accumulate(items: Item[], folder: string): void {
  const kustomization = readKustomization(folder);
  const { resources = [], components = [], configMapGenerator = [], generatorOptions } = kustomization;
  for (const path of resources.map((resource) => join(folder, resource))) {
    const own: Item[] = [];
    if (isFolder(path)) accumulate(own, path);
    else for (const document of documentsOf(readFileSync(path, 'utf8'))) own.push(itemOf(document as Draft));
    items.push(...own);
  }
  for (const component of components) accumulate(items, join(folder, component));
  for (const args of configMapGenerator) generate(items, folder, args, generatorOptions);
  transform(items, kustomization);
}

const itemOf = (draft: Draft): Item => ({ draft, originalName: draft.metadata.name });
