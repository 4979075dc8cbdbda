import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../../support/standalone.js';
import { operatorsUrl } from '../support/exported.js';
import { APPS, type AppName } from '../support/workloads.js';
import { promtool } from './promtool.js';

/** prom-client's metrics of the process, whose names its users know. */
const NOT_OURS = /^(process|nodejs)_/;

describe('the metrics of each running app', () => {
  const dir = newFolder();
  let standalone: Standalone;

  beforeAll(async () => {
    standalone = await startStandalone(dir);
  });
  afterAll(() => endStandalone(dir));

  it.each(Object.keys(APPS) as AppName[])('are as Prometheus wants them: %s', async (app) => {
    const text = await (await fetch(`${operatorsUrl(standalone.pid, app)}/metrics`)).text();
    let faults = '';
    try {
      promtool(['check', 'metrics'], text);
    } catch (error) {
      faults = (error as Error).message;
    }
    const ours = faults
      .split('\n')
      .slice(1)
      .filter((line) => line !== '' && !NOT_OURS.test(line));
    expect(ours).toEqual([]);
  });
});
