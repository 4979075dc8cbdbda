// Removes from installed packages what only their developers use, which is more than half of it: types, TypeScript
// sources, source maps, documents and tests. Node loads none of these. Licences stay.
//
//   node slim-packages.mjs <node_modules>
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const FILES = /\.(map|[cm]?ts|flow|md|markdown)$/i;
const LICENCES = /licen[cs]e|notice|copying/i;
/** Only directly below a package: deeper, such a folder may be a part of the program. */
const FOLDERS = /^(tests?|__tests__|examples?|benchmarks?|docs?|\.github)$/;

slimAll(process.argv[2]);

/** @param {string} modules a folder `node_modules` */
function slimAll(modules) {
  for (const name of readdirSync(modules)) {
    if (name === '@types') rmSync(join(modules, name), { recursive: true });
    else if (name.startsWith('@')) slimAll(join(modules, name));
    else if (!name.startsWith('.')) slim(join(modules, name), true);
  }
}

/** @param {boolean} isPackage whether this is the folder of the package itself */
function slim(folder, isPackage) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules') slimAll(path);
    else if (!entry.isDirectory()) {
      if (FILES.test(entry.name) && !LICENCES.test(entry.name)) rmSync(path);
    } else if (isPackage && FOLDERS.test(entry.name)) rmSync(path, { recursive: true });
    else slim(path, false);
  }
}
