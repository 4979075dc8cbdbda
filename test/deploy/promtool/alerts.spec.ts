import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { newFolder, removeFolder } from '../../support/standalone.js';
import { writtenAlerts } from '../support/rules.js';
import { ALERT_CASES, type AlertCase, type Series } from './alert-cases.js';
import { promtool, writeAlert, writeRules } from './promtool.js';

const nameOf = ({ alert, window }: Pick<AlertCase, 'alert' | 'window'>) => `${alert} ${window ?? ''}`.trim();

describe('the rules, as Prometheus reads them', () => {
  const folder = newFolder();
  let files: string[];

  beforeAll(() => {
    files = writeRules(folder);
  });
  afterAll(() => removeFolder(folder));

  it('are valid, also the templates in their texts', () => {
    expect(promtool(['check', 'rules', ...files])).toContain('SUCCESS');
  });

  it('have a case for every alert', () => {
    const written = writtenAlerts().map(({ alert, labels }) => nameOf({ alert, ...labels }));
    expect(ALERT_CASES.map(nameOf).toSorted()).toEqual(written.toSorted());
  });

  /** Evaluates the alert on both sets of series. @throws with the difference, unless it fires in the first one only */
  function expectFiringOnlyOn({ alert, window, at, step = '1m', fires, quiet }: AlertCase): void {
    const matchers = `alertname="${alert}",alertstate="firing"${window ? `,window="${window}"` : ''}`;
    const file = join(folder, `${alert}-${window ?? ''}.test.yaml`);
    const evaluation = (series: readonly Series[], count: number) => ({
      interval: step,
      input_series: series.map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{${matchers}}) or vector(0)`,
          eval_time: at,
          exp_samples: [{ labels: '{}', value: count }],
        },
      ],
    });
    const tests = [evaluation(fires, 1), evaluation(quiet, 0)];
    const rules = writeAlert(folder, alert, window);
    writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: step, tests }));
    promtool(['test', 'rules', file]);
  }

  it.each(ALERT_CASES.map((one) => [nameOf(one), one] as const))(
    'fire when they should, and only then: %s',
    (_name, one) => {
      expect(() => expectFiringOnlyOn(one)).not.toThrow();
    },
  );
});
