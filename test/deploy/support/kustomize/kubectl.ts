import { execFileSync } from 'node:child_process';
import { documentsOf, type Manifest } from '../files.js';

const TOOLS = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
] as const;

/** Components, replacements and `labels` need kustomize 4.5 or later; kubectl has it since 1.25. */
const isRecent = (text: string) => /Kustomize Version: v[5-9]|\bv?[5-9]\.\d+\.\d+/.test(text);

const tool = TOOLS.find(([program]) => {
  try {
    const args = program === 'kubectl' ? ['version', '--client'] : ['version'];
    return isRecent(execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return false;
  }
});

/** Whether kustomize itself is on this machine. */
export const hasKustomize = tool !== undefined;

/** What kustomize itself makes of a folder. */
export function kustomized(folder: string): Manifest[] {
  const [program, verb] = tool!;
  return documentsOf(execFileSync(program, [verb, folder], { encoding: 'utf8' })) as Manifest[];
}
