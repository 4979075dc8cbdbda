import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentsOf, isThere, textOf } from '../../deploy/support/files.js';
import { entriesOf } from '../../deploy/support/workloads.js';
import { rendered } from '../../deploy/support/kustomize.js';
import { FOLDER, runbook, RUNBOOKS } from './support/pages.js';

interface Alert {
  readonly alert: string;
  readonly annotations: { readonly runbook_url: string };
}
interface Rules {
  readonly spec: { readonly groups: readonly { readonly rules: readonly Alert[] }[] };
}

const alertsOf = (rules: readonly Rules[]) =>
  rules.flatMap(({ spec }) => spec.groups.flatMap((group) => group.rules));
const written = alertsOf(
  ['rules.yaml', 'kafka-rules.yaml'].flatMap(
    (file) => documentsOf(textOf(`deploy/kubernetes/alerts/${file}`)) as Rules[],
  ),
);
const pageOf = ({ annotations }: Alert) => /\/([a-z-]+)\.md$/.exec(annotations.runbook_url)?.[1];

describe('alerts and runbooks', () => {
  it('refer to each other', () => {
    for (const name of RUNBOOKS) {
      const leading = written.filter((alert) => pageOf(alert) === name).map(({ alert }) => alert);
      expect([name, runbook(name).alerts.toSorted()]).toEqual([name, leading.toSorted()]);
      expect([name, leading.length]).not.toEqual([name, 0]);
    }
    for (const alert of written)
      expect([alert.alert, RUNBOOKS]).toContainEqual(expect.arrayContaining([pageOf(alert)]));
  });

  it('are linked in production by the address of the runbooks', () => {
    const base = entriesOf('deploy/kubernetes/overlays/production/settings/cluster.env')['RUNBOOKS'];
    const rules = rendered('deploy/kubernetes/overlays/production').filter(
      ({ kind }) => kind === 'PrometheusRule',
    );
    const links = alertsOf(rules as unknown as Rules[]).map(({ annotations }) => annotations.runbook_url);
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
