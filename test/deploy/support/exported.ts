import { readFileSync } from 'node:fs';
import { processTree } from '../../support/process-tree.js';
import type { AppName } from './workloads.js';

/** The names of metrics with those of their labels. */
export type Exported = ReadonlyMap<string, ReadonlySet<string>>;

/** Returns the address of a running app's operations routes, from its environment. */
export function operatorsUrl(standalonePid: number, app: AppName): string {
  const { pid } = processTree(standalonePid).find(({ command }) =>
    command.includes(`apps/${app}/src/main.js`),
  )!;
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const variable = app === 'api' ? 'PORT=' : 'HEALTH_PORT=';
  return `http://127.0.0.1:${environment.find((entry) => entry.startsWith(variable))!.slice(variable.length)}`;
}

/** Returns the metrics in `/metrics` that have a sample. */
export async function scrape(url: string): Promise<Exported> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const sample = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? /.exec(line);
    if (sample === null) continue;
    const labels = [...(sample[2] ?? '').matchAll(/(?:^|,)([A-Za-z_]\w*)="/g)].map(([, name]) => name!);
    const known = found.get(sample[1]!) ?? new Set();
    found.set(sample[1]!, new Set([...known, ...labels]));
  }
  return found;
}
