import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createLogger, Health } from '#libs/platform';
import { CheckpointAheadOfLogError } from './event-log.js';
import { ProjectionMetrics } from './projection-metrics.js';
import { WorkerStatus } from './worker-status.js';

function statusWithReports() {
  const reports: string[] = [];
  const status = new WorkerStatus(
    'inbox',
    new Health(),
    new ProjectionMetrics(new Registry()),
    createLogger('test', 'silent'),
    () => new Date('2026-03-01T09:00:00Z'),
    { report: (reason) => reports.push(reason), withdraw: () => reports.push('accepted') },
  );
  return { status, reports };
}

describe('WorkerStatus', () => {
  it('reports a log that was replaced at each attempt, and withdraws that when the worker is healthy', () => {
    const { status, reports } = statusWithReports();
    const error = new CheckpointAheadOfLogError();
    status.onError(error);
    status.onError(error);
    status.markHealthy();
    expect(reports).toEqual([error.message, error.message, 'accepted']);
  });

  it('reports nothing about the log for another failure', () => {
    const { status, reports } = statusWithReports();
    status.onError(new Error('connection refused'));
    expect(reports).toEqual([]);
  });
});
