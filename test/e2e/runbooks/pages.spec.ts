import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isThere, textOf } from '../../deploy/support/files.js';
import { writtenAlerts, type Alert, type Rule } from '../../deploy/support/rules.js';
import { entriesOf } from '../../deploy/support/workloads.js';
import { rendered } from '../../deploy/support/kustomize.js';
import { FOLDER, runbook, RUNBOOKS } from './support/pages.js';

const written = writtenAlerts();
const pageOf = ({ annotations }: Alert) => /\/([a-z-]+)\.md$/.exec(annotations['runbook_url'] ?? '')?.[1];

describe('alerts and runbooks', () => {
  it('refer to each other', () => {
    for (const name of RUNBOOKS) {
      const leading = [
        ...new Set(written.filter((alert) => pageOf(alert) === name).map(({ alert }) => alert)),
      ];
      expect([name, runbook(name).alerts.toSorted()]).toEqual([name, leading.toSorted()]);
      // A task says that no alert leads to it.
      const isTask = /^Alerts: none, a planned task$/m.test(runbook(name).text);
      expect([name, isTask]).toEqual([name, leading.length === 0]);
    }
    for (const alert of written)
      expect([alert.alert, RUNBOOKS]).toContainEqual(expect.arrayContaining([pageOf(alert)]));
  });

  it('are linked in production by the address of the runbooks', () => {
    const base = entriesOf('deploy/kubernetes/overlays/production/settings/cluster.env')['RUNBOOKS'];
    const links = rendered('deploy/kubernetes/overlays/production')
      .filter(({ kind }) => kind === 'PrometheusRule')
      .flatMap(({ spec }) => (spec as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules))
      .flatMap(({ annotations }) => annotations?.['runbook_url'] ?? []);
    expect(links.length).toBe(written.length);
    for (const link of links) {
      const [, page] = /^https:\/\/(?:[^/]+)\/([a-z-]+)\.md$/.exec(link) ?? [];
      expect(link).toBe(`https://${base}/${page}.md`);
      expect(isThere(`${FOLDER}/${page}.md`)).toBe(true);
    }
  });

  it('are all in the table', () => {
    const table = [...textOf(`${FOLDER}/README.md`).matchAll(/^\| \[([a-z-]+)\]\(\1\.md\)/gm)].map(
      ([, name]) => name,
    );
    expect(table.toSorted()).toEqual(RUNBOOKS.toSorted());
  });

  it.each([...RUNBOOKS, 'README'])('link only to existing files and headings: %s', (name) => {
    const file = `${FOLDER}/${name}.md`;
    for (const [, link] of textOf(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)/g)) {
      expect([link, link === '' || isThere(join(dirname(file), link!))]).toEqual([link, true]);
    }
  });
});
