import { globSync } from 'node:fs';

// As one file, so that the domain is loaded once for each change to it and not once a spec: four times as fast.
const root = new URL('../../', import.meta.url);
for (const spec of globSync(['libs/invitation/src/**/*.spec.ts', 'test/replay/*.spec.ts'], { cwd: root })) {
  await import(new URL(spec, root).pathname);
}
