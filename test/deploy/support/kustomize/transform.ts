import { parse } from 'yaml';
import type { Kustomization, Labelling, Patch, Replacement } from './kustomization.js';
import { containersOf, isTarget, treeAt, type Draft, type Item } from './objects.js';

/** All that a kustomization does to the objects below it, in kustomize's order. */
export function transform(items: readonly Item[], kustomization: Kustomization): void {
  const { namespace, nameSuffix, labels = [], images = [], patches = [], replacements = [] } = kustomization;
  for (const patch of patches) applyPatch(items, patch);
  for (const { draft } of items) {
    if (namespace !== undefined) {
      if (draft.kind === 'Namespace') draft.metadata.name = namespace;
      else draft.metadata.namespace = namespace;
    }
    if (nameSuffix !== undefined) draft.metadata.name += nameSuffix;
    for (const labelling of labels) label(draft, labelling);
    for (const container of containersOf(draft)) {
      const image = images.find(({ name }) => name === container.image.split(':')[0]);
      if (image !== undefined) container.image = `${image.name}:${image.newTag}`;
    }
  }
  for (const replacement of replacements) replace(items, replacement);
}

const POD_TEMPLATES = ['Deployment', 'StatefulSet', 'Job'];

function label(draft: Draft, { pairs, includeSelectors = false, includeTemplates = false }: Labelling): void {
  const { kind } = draft;
  Object.assign((draft.metadata.labels ??= {}), pairs);
  const hasTemplate = POD_TEMPLATES.includes(kind);
  if (hasTemplate && (includeSelectors || includeTemplates))
    Object.assign(treeAt(draft, 'spec/template/metadata/labels', true)!, pairs);
  if (!includeSelectors) return;
  if (kind !== 'Deployment' && kind !== 'PodDisruptionBudget')
    throw new Error(`the selectors of ${kind} are not rendered here; teach it in this folder`);
  Object.assign(treeAt(draft, 'spec/selector/matchLabels', true)!, pairs);
  const spread = (treeAt(draft, 'spec/template/spec')?.['topologySpreadConstraints'] ?? []) as object[];
  for (const constraint of spread) Object.assign(treeAt(constraint, 'labelSelector/matchLabels')!, pairs);
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** @throws where the path of an operation is not there, as kustomize does */
function applyPatch(items: readonly Item[], { target, patch }: Patch): void {
  for (const { draft } of items.filter((item) => isTarget(target, item))) {
    for (const { op, path, value } of parse(patch) as Operation[]) {
      const steps = path.slice(1).split('/');
      const last = steps.pop()!;
      const place = treeAt(draft, steps.join('/'));
      if (place === undefined || (op === 'replace' && place[last] === undefined))
        throw new Error(`${draft.kind} ${draft.metadata.name} has no ${path}`);
      if (op !== 'add' && op !== 'replace') throw new Error(`${op} is not rendered here; teach it`);
      place[last] = structuredClone(value);
    }
  }
}

function replace(items: readonly Item[], { source, targets }: Replacement): void {
  const from = items.find((item) => item.draft.kind === source.kind && item.originalName === source.name);
  const path = source.fieldPath.split('.');
  const value = from && path.reduce<unknown>((at, step) => (at as Draft | undefined)?.[step], from.draft);
  if (typeof value !== 'string') throw new Error(`there is no ${source.fieldPath} of ${source.name}`);
  for (const { select, fieldPaths, options } of targets) {
    for (const { draft } of items.filter((item) => isTarget(select, item))) {
      for (const fieldPath of fieldPaths) {
        setParts(draft, fieldPath.split('.'), (text) => {
          const parts = text.split(options.delimiter);
          parts[options.index] = value;
          return parts.join(options.delimiter);
        });
      }
    }
  }
}

/** Changes every text that a path leads to; `*` is each entry of a list. */
function setParts(at: unknown, [step, ...rest]: readonly string[], change: (text: string) => string): void {
  if (step === '*') {
    for (const entry of at as unknown[]) setParts(entry, rest, change);
    return;
  }
  const place = at as Record<string, unknown>;
  const child = place[step!];
  if (rest.length > 0) setParts(child, rest, change);
  else if (typeof child === 'string') place[step!] = change(child);
  else throw new Error(`there is no ${step} to replace`);
}
