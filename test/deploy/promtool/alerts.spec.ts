import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { newFolder, removeFolder } from '../../support/standalone.js';
import { writtenAlerts } from '../support/rules.js';
import { ALERT_CASES, type AlertCase, type Series } from './alert-cases.js';
import { promtool, writeRules } from './promtool.js';

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

  /** Evaluates the rules on these series. @throws with the difference, when another number of alerts fires */
  function expectFiring(
    { alert, window, at, step = '1m' }: AlertCase,
    series: readonly Series[],
    count: number,
  ): void {
    const matchers = `alertname="${alert}",alertstate="firing"${window ? `,window="${window}"` : ''}`;
    const file = join(folder, `${alert}-${window ?? ''}-${count}.test.yaml`);
    // Every rule of a file is evaluated at every step, so only the file of the alert is read.
    const rules = files.filter((path) => readFileSync(path, 'utf8').includes(`alert: ${alert}\n`));
    const test = {
      interval: step,
      input_series: series.map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{${matchers}}) or vector(0)`,
          eval_time: at,
          exp_samples: [{ labels: '{}', value: count }],
        },
      ],
    };
    writeFileSync(file, stringify({ rule_files: rules, evaluation_interval: step, tests: [test] }));
    promtool(['test', 'rules', file]);
  }

  it.each(ALERT_CASES.map((one) => [nameOf(one), one] as const))(
    'fire when they should, and only then: %s',
    (_name, one) => {
      expect(() => expectFiring(one, one.fires, 1)).not.toThrow();
      expect(() => expectFiring(one, one.quiet, 0)).not.toThrow();
    },
  );
});
