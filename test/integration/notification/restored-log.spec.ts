import { describe, expect, it } from '@jest/globals';
import { RestoredLogReporter } from '#libs/command-outcomes';
import { createLogger } from '#libs/platform';
import { until } from '../../support/until.js';
import { profile, sent } from './messages.js';
import { useNotificationHarness } from './notification-harness.js';

const harness = useNotificationHarness({ mailbox: true });
const reporter = (name: string) =>
  new RestoredLogReporter(harness.pool, name, createLogger('test', 'silent'));

describe('the notification app beside an event store that was restored', () => {
  it('keeps e-mails and is not ready, until the last reporter accepts the log', async () => {
    const [command, inbox] = [reporter('command'), reporter('inbox')];
    await command.report('an event is missing');
    await inbox.report('the log ends before a checkpoint');
    const { handler, worker, health } = harness.start({ timings: { pollMs: 20 } });
    const log = () => health.report().parts['event-store:log'];
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
    worker.notify();
    await until(() => log()?.ready === false, 30_000, 'the app is not ready');
    expect(log()!.detail).toMatch(/restored to an earlier moment, command reports: no e-mail.*runbook/);

    await command.withdraw();
    await until(() => log()!.detail?.includes('inbox reports') === true, 30_000, 'the other report');
    expect(await harness.mails()).toEqual([]);
    await harness.untilStates('queued');

    await inbox.withdraw();
    await harness.expectMails(1);
    expect(log()).toEqual({ ready: true });
  });

  it('ignores a report that nobody has repeated for ten minutes', async () => {
    await reporter('command').report('an event is missing');
    await harness.pool.query(
      `UPDATE read_models.restored_log_reports SET reported_at = now() - interval '11 minutes'`,
    );
    const { handler } = harness.start();
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
    expect(await harness.expectMails(1)).toHaveLength(1);
  });
});

describe('RestoredLogReporter', () => {
  const reports = async () =>
    (await harness.pool.query('SELECT reporter, reason FROM read_models.restored_log_reports')).rows;

  it('withdraws what a process before it has reported, and nothing of others', async () => {
    await reporter('command').report('an event is missing');
    await reporter('inbox').report('behind');
    await reporter('command').withdraw();
    expect(await reports()).toEqual([{ reporter: 'inbox', reason: 'behind' }]);
  });

  it('keeps the order of what it was asked', async () => {
    const one = reporter('command');
    await Promise.all([one.report('first'), one.withdraw(), one.report('second')]);
    expect(await reports()).toEqual([{ reporter: 'command', reason: 'second' }]);
    await Promise.all([one.report('third'), one.withdraw()]);
    expect(await reports()).toEqual([]);
  });
});
