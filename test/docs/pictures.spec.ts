import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const SCREENSHOTS = join(ROOT, 'docs/screenshots');

it('documents show every picture in docs/screenshots, and no missing one', () => {
  const shown = DOCUMENTS.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) =>
      join(ROOT, dirname(file), path!),
    ),
  );
  expect(shown.filter((path) => !existsSync(path))).toEqual([]);
  const kept = readdirSync(SCREENSHOTS).map((name) => join(SCREENSHOTS, name));
  expect(kept.filter((path) => !shown.includes(path))).toEqual([]);
});
