import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT, textOf } from './files.js';
import { copiesOf, instructionsOf, stagesOf } from './dockerfile.js';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly devOptional?: boolean }>
  >;
}

/**
 * Builds the folder /app of an image without a container engine: the files of the target's COPY instructions from the
 * project's build, and links to the packages that `npm ci --omit=dev --omit=optional` would install.
 */
export function layOutImage(target: string, folder: string): void {
  for (const { from, sources, target: to } of copiesOf(
    instructionsOf(stagesOf(textOf('deploy/Dockerfile')), target),
  )) {
    for (const source of sources) {
      const path = source.replace(/^\/app\//, '');
      if (path === 'node_modules') linkProductionPackages(folder);
      else if (path.startsWith('node_modules/')) linkAll(path, folder);
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

/** Links the packages of a scope that are missing. */
function linkAll(scope: string, folder: string): void {
  mkdirSync(join(folder, scope), { recursive: true });
  for (const name of readdirSync(join(PROJECT, scope))) {
    const path = join(folder, scope, name);
    if (!existsSync(path)) symlinkSync(join(PROJECT, scope, name), path);
  }
}

function linkProductionPackages(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
    // Nested packages are linked with their parent.
    const isTop = /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path);
    if (!isTop || dev === true || optional === true || devOptional === true) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(PROJECT, path), join(folder, path));
  }
}
