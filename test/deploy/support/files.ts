import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const PROJECT = resolve(import.meta.dirname, '../../..');
export const KUBERNETES = join(PROJECT, 'deploy/kubernetes');

/** A Kubernetes object with the fields that these tests read for every kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export const textOf = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
export const isThere = (path: string): boolean => existsSync(join(PROJECT, path));

/** Parses all documents of a YAML file, and merges `<<` as compose files use it. @throws for invalid YAML */
export function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as unknown;
  });
}

/** Returns the paths of all files with this extension below a folder of the project. */
export function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .toSorted();
}

/** Returns the manifests in the repository by file, without kustomizations and their configuration. */
export function writtenManifests(): { file: string; manifest: Manifest }[] {
  return filesBelow('deploy/kubernetes', '.yaml')
    .filter((file) => !/(kustomization|kustomizeconfig)\.yaml$/.test(file))
    .flatMap((file) =>
      documentsOf(textOf(file)).map((manifest) => ({ file, manifest: manifest as Manifest })),
    );
}
