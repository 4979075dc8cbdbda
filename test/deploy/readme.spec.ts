import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseWrappingKeys } from '#libs/author-keys';
import { parseLinkKeys } from '#libs/mail';
import { newFolder, removeFolder } from '../support/standalone.js';
import { isThere, PROJECT, textOf, writtenManifests } from './support/files.js';
import { rendered } from './support/kustomize.js';
import { stagesOf } from './support/dockerfile.js';
import { workloadsOf } from './support/workloads.js';

const text = textOf('deploy/README.md');
const commands = [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block]) =>
  block!
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
);
const run = (line: string) =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', line], { cwd: PROJECT, encoding: 'utf8' });

describe('deploy/README.md', () => {
  it('creates the secrets of compose with a command that works', () => {
    const line = commands.find((command) => command.endsWith('> deploy/.env'))!;
    const folder = newFolder();
    const file = join(folder, 'env');
    run(line.replace('deploy/.env', file));
    const made = Object.fromEntries(
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    removeFolder(folder);
    expect(made['POSTGRES_PASSWORD']).toMatch(/^[0-9a-f]{32}$/);
    expect(() => parseLinkKeys(made['LINK_KEYS']!)).not.toThrow();
    expect(() => parseWrappingKeys(made['TEXT_KEYS']!)).not.toThrow();
    expect(made['INTERNAL_SECRETS']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('creates keys and profiles of the sample members', () => {
    const [sed] = commands.find((command) => command.startsWith('sed '))!.split(' | ');
    const lines = run(sed!).trim().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      const [key, value] = line.split('\t');
      expect((JSON.parse(value!) as { id: string }).id).toBe(key);
    }
  });

  it('builds every target that becomes an image', () => {
    const named = /^for target in ([\w ]+);/m.exec(commands.join('\n'))![1]!.split(' ');
    const stages = stagesOf(textOf('deploy/Dockerfile'));
    const targets = stages.filter(({ from }) => from === 'base').map(({ name }) => name);
    expect(named.toSorted()).toEqual(targets.toSorted());
  });

  it.each(['command', 'projector', 'notification', 'api'])('lists the resources that %s has', (app) => {
    const row = new RegExp(`^\\| ${app} +\\| \\d.* MiB +\\|$`, 'm').exec(text)![0];
    const [request, limit] = row
      .split('|')
      .map((cell) => cell.trim())
      .slice(-3, -1);
    const workload = workloadsOf(writtenManifests().map(({ manifest }) => manifest)).find(
      ({ metadata }) => metadata.name === app,
    )!;
    const { requests, limits } = workload.spec.template.spec.containers[0]!.resources;
    expect(`${requests['cpu']}, ${requests['memory']}`.replace('Mi', ' MiB')).toBe(request);
    expect(limits['memory']!.replace('Mi', ' MiB')).toBe(limit);
  });

  it('links only to existing files and headings', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !isThere(join(dirname('deploy/README.md'), link)))).toEqual([]);
  });
});

describe('the manifests that the commands of deploy/README.md render', () => {
  const folders = commands.flatMap((command) => /^kubectl kustomize (\S+)/.exec(command)?.[1] ?? []);

  it.each(folders)('can be rendered: %s', (folder) => {
    expect(rendered(folder)).not.toEqual([]);
  });

  it('contain what its label selectors select', () => {
    const selector = /-l 'app\.kubernetes\.io\/name in \((\w+)\)'/.exec(commands.join('\n'))![1]!;
    const production = rendered(folders.find((folder) => folder.endsWith('production'))!);
    const selected = production.filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === selector,
    );
    expect(selected.map(({ kind }) => kind)).toEqual(['Job']);
  });
});
