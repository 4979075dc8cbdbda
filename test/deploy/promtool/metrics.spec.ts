import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sharedStandalone, type SharedStandalone } from '../../support/standalone.js';
import { operatorsUrl } from '../support/exported.js';
import { APPS, type AppName } from '../support/workloads.js';
import { promtool } from './promtool.js';

/** prom-client's metrics of the process, whose names its users know. */
const NOT_OURS = /^(process|nodejs)_/;

describe('the metrics of each running app', () => {
  let standalone: SharedStandalone;

  beforeAll(async () => {
    standalone = await sharedStandalone();
  });
  afterAll(() => standalone.stop());

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
