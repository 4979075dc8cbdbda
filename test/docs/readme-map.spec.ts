import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PROJECT = resolve(import.meta.dirname, '../..');

describe('the map in README.md', () => {
  const [, map] = readFileSync(resolve(PROJECT, 'README.md'), 'utf8').split('\n## Where things are\n');

  it.each(['apps', 'libs'])('has every folder of %s', (parent) => {
    const folders = readdirSync(resolve(PROJECT, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${parent}/${name}`);
    expect(folders.filter((folder) => !map!.includes(`[${folder}](${folder}/`))).toEqual([]);
  });
});
