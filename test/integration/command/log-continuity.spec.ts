import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AccountRepository } from '#libs/event-store';
import {
  findLastAppend,
  findRestoredLogReport,
  recordLastAppend,
  type AppendedEvent,
} from '#libs/command-outcomes';
import { Health } from '#libs/platform';
import { LogContinuity } from '../../../apps/command/src/log-continuity.js';
import { AppProcess } from '../../support/app-process.js';
import { until } from '../../support/until.js';
import { RunningApp } from './support/running-app.js';
import { Servers, SILENT } from './support/servers.js';

jest.setTimeout(60_000);

const AT = '2026-03-01T09:00:00.000Z';
const event = (accountId: string): AppendedEvent => ({ accountId, revision: 7n, eventId: randomUUID() });

let servers: Servers;

beforeAll(async () => {
  servers = await Servers.start();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  await servers.pool.query('DELETE FROM read_models.last_append');
});

describe('the command app with an event store that was restored', () => {
  it('exits with what to do, and starts again when an operator has deleted the record', async () => {
    await recordLastAppend(servers.pool, event('amal'), AT);
    const refused = new AppProcess('command', servers.env);
    expect(await refused.exited).toBe(1);
    expect(refused.output).toMatch(
      /restored to an earlier moment.*runbook.*DELETE FROM read_models\.last_append/,
    );
    const report = () => findRestoredLogReport(servers.pool);
    expect(await report()).toMatchObject({
      reporter: 'command',
      reason: expect.stringContaining('restored'),
    });
    await servers.pool.query('DELETE FROM read_models.last_append');
    const accepted = await RunningApp.start(servers.env);
    await accepted.untilReady();
    expect(await report()).toBeUndefined();
    await accepted.kill();
  });
});

describe('LogContinuity', () => {
  /** An event store that contains what it is told, and a watch on it. */
  function watch() {
    const stored = new Set<string>();
    const store = {
      lastAppended: undefined as AppendedEvent | undefined,
      mayContain: ({ eventId }: AppendedEvent) => Promise.resolve(stored.has(eventId)),
      append(appended: AppendedEvent) {
        stored.add(appended.eventId);
        store.lastAppended = appended;
      },
      restore: () => stored.clear(),
    };
    const failures: string[] = [];
    const log = new LogContinuity(
      store as unknown as AccountRepository,
      servers.pool,
      new Health(),
      () => new Date(AT),
      SILENT,
      (message) => failures.push(message),
    );
    const stopping = new AbortController();
    const watching = log.watch(stopping.signal, 5);
    const stop = async () => {
      stopping.abort();
      await watching;
    };
    return { store, failures, stop };
  }

  const recorded = (appended: AppendedEvent) => async () =>
    (await findLastAppend(servers.pool))?.eventId === appended.eventId;

  it('records the last append, and then the next one', async () => {
    const { store, failures, stop } = watch();
    for (const appended of [event('amal'), event('bilal')]) {
      store.append(appended);
      await until(recorded(appended), 20_000, `${appended.accountId} is recorded`);
      expect(await findLastAppend(servers.pool)).toEqual({ ...appended, recordedAt: AT });
    }
    await stop();
    expect(failures).toEqual([]);
  });

  it('ends the process when the event store loses the event, and records no later append', async () => {
    const { store, failures, stop } = watch();
    const [before, after] = [event('amal'), event('bilal')];
    store.append(before);
    await until(recorded(before), 20_000, 'the append is recorded');
    store.restore();
    store.append(after);
    await until(() => failures.length > 0, 20_000, 'the process ends');
    await stop();
    expect(failures[0]).toContain(before.eventId);
    expect(await recorded(before)()).toBe(true);
  });
});
