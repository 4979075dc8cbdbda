import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const PROJECT = resolve(import.meta.dirname, '../../..');
export const KUBERNETES = join(PROJECT, 'deploy/kubernetes');

/** A Kubernetes object, as far as these tests look at every kind alike. */
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

/** All documents of a YAML file; `<<` is merged, as compose files have it. @throws for what is no YAML */
export function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as unknown;
  });
}

/** Every file below a folder of the project with this ending, by its path in the project. */
export function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .toSorted();
}

/** The manifests as they stand in the repository, by file; kustomizations are no manifests. */
export function writtenManifests(): { file: string; manifest: Manifest }[] {
  return filesBelow('deploy/kubernetes', '.yaml')
    .filter((file) => !file.endsWith('kustomization.yaml'))
    .flatMap((file) =>
      documentsOf(textOf(file)).map((manifest) => ({ file, manifest: manifest as Manifest })),
    );
}
