import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { assertClockSkew, measureClockSkew, ReconnectingClient, type ClockSkew } from '#libs/event-store';
import { Backoff, Health, type Logger } from '#libs/platform';
import { LOGGER, NOW_MS } from '#libs/service';

const COMPONENT = 'event-store:clock';

/** Time between two comparisons, in milliseconds. */
interface ClockCheckIntervals {
  readonly everyMs: number;
  /** While the clocks differ: shorter, so that the app soon becomes ready again. */
  readonly whileSkewedMs: number;
}

const CLOCK_CHECK_INTERVALS: ClockCheckIntervals = { everyMs: 60_000, whileSkewedMs: 5_000 };

/** Compares the event store's clock with this process's clock, because appends carry deadlines. */
@Injectable()
export class ClockSync {
  private readonly skew: Gauge;

  constructor(
    private readonly client: ReconnectingClient,
    private readonly health: Health,
    registry: Registry,
    @Inject(NOW_MS) private readonly now: () => number,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.skew = new Gauge({
      name: 'invitations_event_store_clock_skew_seconds',
      help: "How far the event store's clock is ahead of this process's clock, at least; negative if it is behind",
      registers: [registry],
    });
  }

  /**
   * Compares the clocks before the first command is processed. Waits for an event store that does not respond: ending the
   * process would not help.
   * @throws if the clocks differ by more than appends tolerate
   */
  async waitForSync(): Promise<void> {
    const backoff = new Backoff(200, 5_000);
    for (;;) {
      const reading = await this.measure().catch((error: unknown) => {
        const detail =
          'the event store at EVENTSTORE_URL does not respond; no commands are processed until it does';
        this.health.set(COMPONENT, false, detail);
        this.logger.warn({ err: error }, detail);
      });
      if (reading !== undefined) {
        this.logger.info(reading, 'compared the clock with the event store');
        this.record(reading);
        assertClockSkew(reading);
        return this.health.set(COMPONENT, true);
      }
      await backoff.wait();
    }
  }

  /**
   * Keeps comparing the clocks, because a paused virtual machine or a node without NTP drifts after the start. While the
   * clocks differ, the app is not ready but keeps working: an append within its deadline is safe.
   * Returns when the signal aborts, and never throws.
   */
  async watch(
    signal: AbortSignal,
    { everyMs, whileSkewedMs }: ClockCheckIntervals = CLOCK_CHECK_INTERVALS,
  ): Promise<void> {
    let isSkewed = false;
    while (await hasElapsed(isSkewed ? whileSkewedMs : everyMs, signal)) {
      const reading = await this.measure().catch((error: unknown) => {
        // Failing commands already show that the event store is down. The last known skew stays valid.
        this.logger.debug(
          { err: error },
          'cannot compare the clock with the event store; trying again later',
        );
      });
      if (reading === undefined || signal.aborted) continue;
      this.record(reading);
      const wasSkewed = isSkewed;
      const detail = describeSkew(reading);
      isSkewed = detail !== undefined;
      this.health.set(COMPONENT, !isSkewed, detail);
      if (isSkewed && !wasSkewed) this.logger.error(reading, detail);
      if (!isSkewed && wasSkewed) this.logger.info(reading, 'the clocks agree again');
    }
  }

  private measure(): Promise<ClockSkew> {
    return this.client.use((connection) => measureClockSkew(connection, this.now));
  }

  private record({ skewMs }: ClockSkew): void {
    this.skew.set(skewMs / 1_000);
  }
}

/** Undefined if the clocks agree. */
function describeSkew(reading: ClockSkew): string | undefined {
  try {
    assertClockSkew(reading);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Resolves to false if the signal aborts first. */
const hasElapsed = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal }).catch(() => false);
