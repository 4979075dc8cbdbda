import type { Target } from './kustomization.js';

/** A Kubernetes object under construction. */
export interface Draft {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** What kustomize keeps beside an object while it builds. */
export interface Item {
  readonly draft: Draft;
  /** As it is written: references and selectors of patches go by this name. */
  readonly originalName: string;
  /** Made by a generator: its name will end in a hash of its content. */
  readonly isHashed?: boolean;
}

type Tree = Record<string, unknown>;

/** What stands at a path, made where it is missing if asked for; undefined otherwise. */
export function treeAt(draft: object, path: string, create = false): Tree | undefined {
  let at = draft as Tree;
  for (const step of path.split('/')) {
    if (at[step] === undefined) {
      if (!create) return undefined;
      at[step] = {};
    }
    at = at[step] as Tree;
  }
  return at;
}

const matches = (pattern: string | undefined, text: string) =>
  pattern === undefined || new RegExp(`^(?:${pattern})$`).test(text);

/** As kustomize selects targets: by regular expressions for the whole of the word. */
export function isTarget({ group, kind, name }: Target, { draft, originalName }: Item): boolean {
  const ofGroup = draft.apiVersion.includes('/') ? draft.apiVersion.split('/')[0]! : '';
  return (
    matches(group, ofGroup) &&
    matches(kind, draft.kind) &&
    (matches(name, originalName) || matches(name, draft.metadata.name))
  );
}

interface PodSpec {
  readonly initContainers?: Container[];
  readonly containers: Container[];
}
export interface Container {
  image: string;
  readonly env?: readonly { readonly valueFrom?: { readonly configMapKeyRef?: { name: string } } }[];
}

export function containersOf(draft: Draft): Container[] {
  const spec = ['spec/template/spec', 'spec/jobTemplate/spec/template/spec']
    .map((path) => treeAt(draft, path) as PodSpec | undefined)
    .find((found) => found !== undefined);
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}
