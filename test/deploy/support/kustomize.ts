import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { documentsOf, PROJECT, type Manifest } from './files.js';

const TOOLS = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
] as const;

const renderings = new Map<string, string>();

/**
 * Renders a folder of the project with kustomize. jest.config.mjs leaves out the specs that need it where it is not
 * installed, and says so.
 * @throws when neither kubectl nor kustomize renders the folder
 */
export function rendered(folder: string): Manifest[] {
  let text = renderings.get(folder);
  if (text === undefined) {
    text = render(join(PROJECT, folder));
    renderings.set(folder, text);
  }
  return documentsOf(text) as Manifest[];
}

/** Renders a folder anywhere, which may have changed since. */
export const renderedFresh = (path: string): Manifest[] => documentsOf(render(path)) as Manifest[];

function render(folder: string): string {
  for (const [program, verb] of TOOLS) {
    try {
      return execFileSync(program, [verb, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('kustomize is not installed: install kubectl 1.25 or later, or kustomize 4.5 or later');
}
