import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';
import { EXTERNAL_METRICS, TARGET_LABELS } from './support/external-metrics.js';
import { operatorsUrl, scrape, type Exported } from './support/exported.js';
import { textOf, writtenManifests } from './support/files.js';
import { unknownValues } from './support/label-values.js';
import { readsOf } from './support/promql.js';
import { writtenAlerts, writtenRules } from './support/rules.js';
import { APPS, type AppName } from './support/workloads.js';

interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly description?: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}

const alerts = writtenAlerts();
const records = writtenRules().filter(({ record }) => record !== undefined);
const dashboard = JSON.parse(textOf('deploy/grafana/dashboards/overview.json')) as Dashboard;
const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legend: legendFormat })),
);
const queries = writtenManifests()
  .filter(({ manifest }) => manifest.kind === 'ScaledObject')
  .flatMap(({ manifest }) =>
    (manifest.spec as { triggers: { metadata: Record<string, string> }[] }).triggers.flatMap(
      ({ metadata }) => metadata['query'] ?? [],
    ),
  );

/** Each expression with its location, and the labels in the text beside it. */
const EXPRESSIONS: readonly (readonly [where: string, expr: string, spoken: readonly string[]])[] = [
  ...alerts.map(
    ({ alert, expr, annotations }) =>
      [`alert ${alert}`, expr, namesIn(Object.values(annotations).join(), /\$labels\.(\w+)/g)] as const,
  ),
  ...records.map(({ record, expr }) => [`record ${record}`, expr, []] as const),
  ...panels.map(
    ({ title, expr, legend }) =>
      [`panel ${title}: ${legend}`, expr, namesIn(legend, /\{\{(\w+)\}\}/g)] as const,
  ),
  ...queries.map((query) => [`trigger ${query}`, query, []] as const),
];

/** The labels of what the recording rules record. */
const RECORDED = new Map(
  records.map(({ record }) => [
    record!,
    new Set(record!.includes('projection') ? ['namespace', 'projection'] : ['namespace']),
  ]),
);

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name!);
}

describe('the metrics of the running apps', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let service: PublishingService;
  let exported: Exported;
  const labelValues = new Map<string, Set<string>>();

  beforeAll(async () => {
    standalone = await startStandalone(dir);
    service = await new PublishingService(standalone.endpoints.kafka).start();
    await service.members('anna', 'bert');
    // A metric with labels appears only after something has happened: an invitation, its e-mail, two requests.
    await until(
      async () =>
        (await service.ask('send', { inviterId: 'anna', recipientId: 'bert' })).outcome === 'accepted',
      30_000,
      'the members directory',
    );
    const anna = await MemberAtApi.of(standalone, 'anna');
    await until(async () => (await anna.list('sent')).length === 1, 30_000, 'the invitation in the list');
    const apps = Object.keys(APPS) as AppName[];
    const all = async () =>
      new Map(
        (await Promise.all(apps.map((app) => scrape(operatorsUrl(standalone.pid, app))))).flatMap((found) => [
          ...found,
        ]),
      );
    await until(
      async () => (await all()).get('notification_deliveries_total') !== undefined,
      30_000,
      'the e-mail in the metrics',
    );
    exported = await all();
    for (const app of apps) {
      const text = await (await fetch(`${operatorsUrl(standalone.pid, app)}/metrics`)).text();
      for (const [, name, labels] of text.matchAll(/^((?:invitations|notification|http)_\w+)\{(.*)\} /gm)) {
        for (const [, label, value] of labels!.matchAll(/(\w+)="([^"]*)"/g)) {
          if (label === 'le') continue;
          const key = `${name}{${label}}`;
          labelValues.set(key, (labelValues.get(key) ?? new Set()).add(value!));
        }
      }
    }
  });

  afterAll(async () => {
    await service?.stop();
    await endStandalone(dir);
  });

  it('equal those in docs/observability.md, with their labels', () => {
    const own = [...exported].filter(([name]) => !/^(process|nodejs)_/.test(name));
    const found = new Map<string, Set<string>>();
    for (const [name, labels] of own) {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      found.set(base, new Set([...(found.get(base) ?? []), ...labels].filter((label) => label !== 'le')));
    }
    const documented = [...textOf('docs/observability.md').matchAll(/^\| `(\w+)` +\| \w+ +\|(.*)\|$/gm)].map(
      ([, name, labels]) => [name!, namesIn(labels!, /`(\w+)`/g).toSorted()] as const,
    );
    const shown = new Map([...found].map(([name, labels]) => [name, [...labels].toSorted()]));
    // Metrics with labels appear only after something has happened, and not everything happens here.
    for (const [name, labels] of shown) expect([name, new Map(documented).get(name)]).toEqual([name, labels]);
    expect(documented.map(([name]) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('have few values for each label, and no ids', () => {
    for (const [name, values] of labelValues) {
      // The number of slices is always 64.
      expect([name, values.size <= (name.endsWith('{slice}') ? 64 : 16)]).toEqual([name, true]);
      for (const value of values)
        expect([name, value]).toEqual([name, expect.not.stringMatching(/anna|bert|[0-9a-f]{8}-|@/)]);
    }
  });

  /** @returns the names in an expression that nobody exports */
  const unknownIn = (expr: string): string[] => {
    const { metrics, grouping } = readsOf(expr);
    const labelsOf = (name: string) => exported.get(name) ?? EXTERNAL_METRICS.get(name) ?? RECORDED.get(name);
    const missing = metrics.filter(({ name }) => labelsOf(name) === undefined).map(({ name }) => name);
    const asked = metrics.flatMap(({ name, matchers }) =>
      matchers.flatMap(({ label, value }) =>
        labelsOf(name)?.has(label) || TARGET_LABELS.has(label)
          ? unknownValues(name, label, value).map((one) => `${label}="${one}"`)
          : `${name}{${label}}`,
      ),
    );
    const all = new Set(metrics.flatMap(({ name }) => [...(labelsOf(name) ?? [])]));
    const grouped = grouping.filter((label) => !all.has(label) && !TARGET_LABELS.has(label));
    return [...missing, ...asked, ...grouped.map((label) => `by (${label})`)];
  };

  it.each(EXPRESSIONS)('include every metric and label of %s', (_where, expr) => {
    expect(readsOf(expr).metrics).not.toEqual([]);
    expect(unknownIn(expr)).toEqual([]);
  });

  it.each(EXPRESSIONS)('keep every label that is used in the text of: %s', (_where, expr, spoken) => {
    const { metrics, grouping, aggregates } = readsOf(expr);
    const left = aggregates
      ? grouping
      : metrics.flatMap(({ name }) => [
          ...(exported.get(name) ?? EXTERNAL_METRICS.get(name) ?? RECORDED.get(name) ?? []),
          ...TARGET_LABELS,
        ]);
    expect(spoken.filter((label) => !left.includes(label))).toEqual([]);
  });

  it('rejects an expression that is not PromQL', () => {
    expect(() => readsOf('sum(rate(http_request_duration_seconds_count[5m]) > 1')).toThrow(SyntaxError);
  });

  it.each([
    [
      'a projection that there is not',
      'max(invitations_projection_lag_seconds{projection=~"inbox|outbox"})',
      'projection="outbox"',
    ],
    [
      'a metric that nobody exports',
      'max(invitations_projection_lag_minutes) > 1',
      'invitations_projection_lag_minutes',
    ],
    [
      'a label that a metric has not',
      'http_request_duration_seconds_count{code="500"} > 1',
      'http_request_duration_seconds_count{code}',
    ],
    [
      'a grouping by what is not there',
      'sum by (projector) (invitations_projection_slices_owned)',
      'by (projector)',
    ],
  ])('reports %s', (_what, expr, fault) => {
    expect(unknownIn(expr)).toContain(fault);
  });
});

describe('each alert', () => {
  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    'has a severity, a summary and a description: %s',
    (name, alert) => {
      expect(name).toMatch(/^Invitations[A-Z]/);
      expect(['critical', 'warning']).toContain(alert.labels.severity);
      expect(alert.annotations).toMatchObject({
        summary: expect.any(String),
        description: expect.any(String),
      });
    },
  );

  it('lasts for minutes before it is critical', () => {
    const critical = alerts.filter(({ labels }) => labels.severity === 'critical');
    expect(critical.filter((alert) => !/^\d+m$/.test(alert.for ?? ''))).toEqual([]);
  });

  it('has a name that only alerts about another window share', () => {
    const names = alerts.map(({ alert, labels }) => `${alert} ${labels.window ?? ''}`);
    expect(new Set(names).size).toBe(alerts.length);
  });
});

describe('the dashboard', () => {
  const shown = new Set(panels.flatMap(({ expr }) => readsOf(expr).metrics.map(({ name }) => name)));

  it('shows the metric and the burn rate of every objective', () => {
    const rules = records.filter(({ record }) => record!.includes(':ratio_'));
    const measured = rules.flatMap(({ expr }) => readsOf(expr).metrics.map(({ name }) => name));
    const own = measured.filter((name) => !name.includes(':') && name.endsWith('_bucket'));
    expect(new Set(own)).toEqual(
      new Set(['invitations_publish_to_outcome_seconds_bucket', 'notification_event_to_mail_seconds_bucket']),
    );
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
    expect(shown).toContain('invitations_projection_lag_seconds');
    // The long windows of the alerts that wake somebody.
    const burnRates = rules.flatMap(({ record }) => (/:ratio_[16]h$/.test(record!) ? [record!] : []));
    expect(burnRates).toHaveLength(6);
    expect(burnRates.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('divides each burn rate by the budget of its objective', () => {
    const budgets = new Map(
      alerts.flatMap(({ expr }) => {
        const [, record, limit] = /^(invitations:\w+:ratio_1h)\{[^}]*\} > ([\d.]+)/.exec(expr) ?? [];
        return record === undefined ? [] : [[record, Number(limit) / 14.4] as const];
      }),
    );
    expect(budgets.size).toBe(3);
    for (const [record, budget] of budgets) {
      const divided = panels.flatMap(({ expr }) =>
        expr.startsWith(record) ? [Number(expr.split(' / ')[1])] : [],
      );
      expect([record, divided]).toEqual([record, [expect.closeTo(budget, 6)]]);
    }
  });

  it('explains every panel, and uses only variables that it defines', () => {
    const variables = [...dashboard.templating.list.map(({ name }) => name), '__rate_interval', '__range'];
    for (const { title, description, targets } of dashboard.panels) {
      if (targets === undefined) continue;
      expect([title, description]).toEqual([title, expect.stringMatching(/\w{3}/)]);
      const used = namesIn(JSON.stringify(targets), /\$\{?(\w+)\}?/g);
      expect(used.filter((name) => !variables.includes(name))).toEqual([]);
    }
  });
});
