import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { ClockSkew, ReconnectingClient } from '#libs/event-store';
import { Health } from '#libs/platform';
import { until } from '../../../test/support/until.js';
import { ClockSync } from './clock-sync.js';

const HERE = new Date('2026-01-01T00:00:00.000Z');
const QUICK = { everyMs: 2, whileSkewedMs: 1 };

describe('ClockSync.watch', () => {
  let health: Health;
  let registry: Registry;
  let lines: { level: number; msg: string }[];
  let stop: AbortController;
  let skewMs: number | undefined;
  let readings: number;

  beforeEach(() => {
    health = new Health();
    registry = new Registry();
    lines = [];
    stop = new AbortController();
    skewMs = 0;
    readings = 0;
  });

  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[number]) },
  );
  /** A client whose event store's clock is off by `skewMs`; undefined where the event store does not answer. */
  const client = {
    use: async (): Promise<ClockSkew> => {
      readings += 1;
      if (skewMs === undefined) throw new Error('no answer');
      return { localTime: HERE, serverTime: new Date(HERE.getTime() + skewMs), skewMs };
    },
  } as unknown as ReconnectingClient;
  const watch = (intervals = QUICK) =>
    new ClockSync(client, health, registry, () => HERE.getTime(), logger).watch(stop.signal, intervals);
  const state = () => health.report().parts['event-store:clock'];
  const next = async () => {
    const before = readings;
    await until(() => readings >= before + 2, 5_000, 'two more comparisons', 1);
  };

  it('is not ready while the clocks disagree, says why, and is ready again when they agree', async () => {
    const watching = watch();
    await next();
    expect(state()).toEqual({ ready: true });
    skewMs = -7_000;
    await until(() => state()?.ready === false, 5_000, 'not ready', 1);
    expect(state()?.detail).toMatch(
      /the clocks disagree by 7000 ms, more than 5000: .* set the clocks \(NTP\)/,
    );
    expect(await registry.getSingleMetric('invitations_event_store_clock_skew_seconds')!.get()).toMatchObject(
      {
        values: [{ value: -7 }],
      },
    );
    await next();
    skewMs = 100;
    await until(() => state()?.ready === true, 5_000, 'ready again', 1);
    stop.abort();
    await watching;
    // Once when it begins and once when it ends, however long it lasts.
    expect(lines.filter(({ level }) => level >= 30).map(({ level, msg }) => [level, msg])).toEqual([
      [50, expect.stringContaining('the clocks disagree by 7000 ms')],
      [30, 'the clocks agree again'],
    ]);
  });

  it('keeps what it knows while the event store does not respond', async () => {
    const watching = watch();
    skewMs = 9_000;
    await until(() => state()?.ready === false, 5_000, 'not ready', 1);
    skewMs = undefined;
    await next();
    expect(state()?.ready).toBe(false);
    skewMs = 0;
    await until(() => state()?.ready === true, 5_000, 'ready again', 1);
    skewMs = undefined;
    await next();
    expect(state()?.ready).toBe(true);
    stop.abort();
    await watching;
  });

  it('ends when its signal aborts, in the middle of a pause too', async () => {
    const watching = watch({ everyMs: 60_000, whileSkewedMs: 60_000 });
    stop.abort();
    await watching;
    expect(readings).toBe(0);
  });
});
