import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentsOf, PROJECT, type Manifest } from './support/files.js';
import { hasKustomize, kustomized } from './support/kustomize/kubectl.js';
import { render } from './support/kustomize/render.js';

const FOLDERS = [
  'deploy/kubernetes/overlays/production',
  'deploy/kubernetes/overlays/development',
  'deploy/kubernetes/topics',
  'test/deploy/rendering/overlay',
];

const byName = (manifests: readonly Manifest[]) =>
  Object.fromEntries(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest]));

if (!hasKustomize) {
  console.warn(
    'The rendering of the overlays is held against what kustomize made of test/deploy/rendering only: no recent kubectl ' +
      'or kustomize is on the PATH.',
  );
}

describe('the rendering of kustomizations', () => {
  const example = join(PROJECT, 'test/deploy/rendering');

  it('does with all that it knows what kustomize 5.5 did', () => {
    const expected = documentsOf(readFileSync(join(example, 'expected.yaml'), 'utf8')) as Manifest[];
    const made = render(join(example, 'overlay'));
    expect(made).toHaveLength(expected.length);
    expect(byName(made)).toEqual(byName(expected));
  });

  it('refuses what it does not know', () => {
    expect(() => render(join(example, 'unknown'))).toThrow('namePrefix is not rendered here');
  });

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where there is no kustomize
  (hasKustomize ? describe : describe.skip).each(FOLDERS)('of %s', (folder) => {
    it('is the same as that of kustomize itself', () => {
      const real = kustomized(join(PROJECT, folder));
      const made = render(join(PROJECT, folder));
      expect(made).toHaveLength(real.length);
      expect(byName(made)).toEqual(byName(real));
    });
  });
});
