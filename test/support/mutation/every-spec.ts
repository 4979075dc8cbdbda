import { globSync } from 'node:fs';

// All specs as one file, so that the domain is loaded once for each mutant and not once for each spec, which is four
// times as fast.
const root = new URL('../../../', import.meta.url);
for (const spec of globSync(['libs/invitation/src/**/*.spec.ts', 'test/integration/replay/*.spec.ts'], {
  cwd: root,
})) {
  await import(new URL(spec, root).pathname);
}
