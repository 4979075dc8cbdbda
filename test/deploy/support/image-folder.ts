import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, textOf } from './files.js';
import { copiesOf, instructionsOf, stagesOf } from './dockerfile.js';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly devOptional?: boolean }>
  >;
}

/**
 * Copies the packages that `npm ci --omit=dev --omit=optional` would install, without the files that the images leave out.
 * @returns the folder `node_modules`
 */
export function installPackages(folder: string): string {
  const { packages } = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
    // Nested packages are copied with their parent.
    const isTop = /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path);
    if (!isTop || dev === true || optional === true || devOptional === true) continue;
    cpSync(join(PROJECT, path), join(folder, path), { recursive: true });
  }
  const modules = join(folder, 'node_modules');
  execFileSync(process.execPath, [join(PROJECT, 'deploy/slim-packages.mjs'), modules]);
  return modules;
}

/**
 * Builds the folder /app of an image without a container engine: the files of the target's COPY instructions from the
 * project's build, and links to the installed packages.
 */
export function layOutImage(target: string, folder: string, packages: string): void {
  for (const { from, sources, target: to } of copiesOf(
    instructionsOf(stagesOf(textOf('deploy/Dockerfile')), target),
  )) {
    // The init process is outside /app.
    if (from === 'init') continue;
    for (const source of sources) {
      const path = source.replace(/^\/app\//, '');
      if (path === 'node_modules') linkPackages(packages, join(folder, path));
      else if (path.startsWith('node_modules/')) linkPackages(join(PROJECT, path), join(folder, path));
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

/** Links the packages that are missing. */
function linkPackages(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const path = join(to, name);
    if (/^@[^/]+$/.test(name)) linkPackages(join(from, name), path);
    else if (!existsSync(path)) symlinkSync(join(from, name), path);
  }
}
