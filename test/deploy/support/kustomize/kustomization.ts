import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Labelling {
  readonly pairs: Readonly<Record<string, string>>;
  readonly includeSelectors?: boolean;
  readonly includeTemplates?: boolean;
}
export interface ConfigMapArgs {
  readonly name: string;
  readonly behavior?: 'create' | 'merge';
  readonly envs?: readonly string[];
  readonly files?: readonly string[];
  readonly literals?: readonly string[];
}
export interface GeneratorOptions {
  readonly disableNameSuffixHash?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}
export interface Target {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
}
export interface Patch {
  readonly target: Target;
  /** A list of operations (RFC 6902), as YAML. */
  readonly patch: string;
}
export interface Replacement {
  readonly source: { readonly kind: string; readonly name: string; readonly fieldPath: string };
  readonly targets: readonly {
    readonly select: Target;
    readonly fieldPaths: readonly string[];
    readonly options: { readonly delimiter: string; readonly index: number };
  }[];
}

/** The part of kustomize's format that the deployment uses. */
export interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly namespace?: string;
  readonly nameSuffix?: string;
  readonly labels?: readonly Labelling[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
  readonly configMapGenerator?: readonly ConfigMapArgs[];
  readonly generatorOptions?: GeneratorOptions;
  readonly patches?: readonly Patch[];
  readonly replacements?: readonly Replacement[];
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  '': [
    'apiVersion',
    'kind',
    'resources',
    'components',
    'namespace',
    'nameSuffix',
    'labels',
    'images',
    'configMapGenerator',
    'generatorOptions',
    'patches',
    'replacements',
  ],
  labels: ['pairs', 'includeSelectors', 'includeTemplates'],
  images: ['name', 'newTag'],
  configMapGenerator: ['name', 'behavior', 'envs', 'files', 'literals'],
  generatorOptions: ['disableNameSuffixHash', 'labels'],
  patches: ['target', 'patch'],
  replacements: ['source', 'targets'],
};

/** @throws for a field that is not known here: to pass over it would be to render something else than kustomize does */
export function readKustomization(folder: string): Kustomization {
  const file = join(folder, 'kustomization.yaml');
  const read = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  expectKnown(file, '', read);
  for (const [field, value] of Object.entries(read)) {
    if (FIELDS[field] === undefined) continue;
    for (const entry of [value].flat()) expectKnown(file, field, entry as object);
  }
  return read;
}

function expectKnown(file: string, field: string, value: object): void {
  for (const name of Object.keys(value)) {
    if (!FIELDS[field]!.includes(name))
      throw new Error(`${file}: ${field} ${name} is not rendered here; teach it in this folder`);
  }
}

export const isFolder = (path: string): boolean => statSync(path).isDirectory();
