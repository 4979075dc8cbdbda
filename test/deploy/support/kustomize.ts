import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentsOf, PROJECT, type Manifest } from './files.js';

const TOOLS = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
] as const;

const tool = TOOLS.find(([program, verb]) => {
  try {
    execFileSync(program, [verb, '--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** What an overlay comes to. @param folder in the project */
export function rendered(folder: string): Manifest[] {
  const [program, verb] = tool!;
  const text = execFileSync(program, [verb, join(PROJECT, folder)], { encoding: 'utf8' });
  return documentsOf(text) as Manifest[];
}

const describeHere = tool === undefined ? describe.skip : describe;
if (tool === undefined) {
  console.warn(
    'What kustomize makes of the manifests is not checked: neither kubectl nor kustomize is on the PATH.',
  );
}

/** For what needs kustomize. Without it the manifests are still checked one by one, as they are written. */
export const describeRendered = (title: string, body: () => void): void =>
  describeHere(title, tool === undefined ? nothingHere : body);

/** The body of a suite that is skipped is run all the same, to find its tests. */
function nothingHere(): void {
  it('needs kubectl or kustomize', () => expect(tool).toBeDefined());
}
