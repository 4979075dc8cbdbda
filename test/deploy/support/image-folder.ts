import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT, textOf } from './files.js';
import { copiesOf, instructionsOf, stagesOf } from './dockerfile.js';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly devOptional?: boolean }>
  >;
}

/**
 * /app of an image, without a container engine: what the target's COPY instructions bring, out of the project's own
 * build, and of node_modules the packages that `npm ci --omit=dev --omit=optional` would install, as links.
 */
export function layOutImage(target: string, folder: string): void {
  for (const { from, sources, target: to } of copiesOf(
    instructionsOf(stagesOf(textOf('deploy/Dockerfile')), target),
  )) {
    for (const source of sources) {
      const path = source.replace(/^\/app\//, '');
      if (path === 'node_modules') linkProductionPackages(folder);
      else if (path !== 'sbom.cdx.json') copy(path, folder, to, from === 'build');
    }
  }
}

function copy(path: string, folder: string, to: string, isBuilt: boolean): void {
  const into = to === './' ? join(folder, path) : join(folder, to);
  cpSync(join(PROJECT, path), into, {
    recursive: true,
    filter: (file) => !isBuilt || !/dist\/(apps\/standalone|libs\/dev-servers)(\/|$)/.test(file),
  });
}

function linkProductionPackages(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
    // What lies within another package comes with its link.
    const isTop = /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path);
    if (!isTop || dev === true || optional === true || devOptional === true) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(PROJECT, path), join(folder, path));
  }
}
