import { setTimeout as sleep } from 'node:timers/promises';
import type { Counter, Histogram } from 'prom-client';
import type { CommandMessage, Topics } from '#libs/contracts';
import type { ProducerMessage } from '#libs/kafka';
import { Backoff, type Health, type Logger } from '#libs/platform';
import { toCommandMessage } from './command-message.js';
import type { Worker } from './workers.js';

/** A command that is due. Nobody else gets it until its pause is over. */
export interface ClaimedCommand {
  /** 1 for the first time. */
  readonly attempt: number;
  readonly askedAt: string;
  /** Time since the command was due, in milliseconds. */
  readonly lateMs: number;
}

/** Where the due commands of one kind come from. */
export interface DueCommands<Claimed extends ClaimedCommand> {
  /** The name of the component in the health report. */
  readonly healthPart: string;
  /** What a failed poll means, for its log line. */
  readonly onFailure: string;
  claim(): Promise<readonly Claimed[]>;
  toCommand(claimed: Claimed): CommandMessage;
  /** Undoes claims whose commands were not published. */
  release(claimed: readonly Claimed[]): Promise<void>;
  /** Deletes claims that nothing needs any more. */
  sweep(): Promise<void>;
  /** @returns the time until the next poll, in milliseconds, after one that claimed this many commands */
  pauseAfter(count: number): number;
  onPublished?(claimed: readonly Claimed[]): void;
}

export interface CommandPollerMetrics {
  readonly asked: Counter<'attempt'>;
  readonly lateSeconds: Histogram;
}

/** The longest time until a command that had no effect is issued again, in milliseconds. */
const MAX_RETRY_MS = 60 * 60_000;
const SWEEP_MS = 60 * 60_000;

/** @returns the pauses of a claim, which double with each attempt */
export const claimPauses = (retryMs: number) => ({
  pauseMs: retryMs,
  longestPauseMs: Math.max(retryMs, MAX_RETRY_MS),
});

/**
 * Issues commands that are due. Any number of pollers share the work by claims in the database. If a poller dies between a claim and
 * the publication, another one claims the command again after the retry time.
 */
export class CommandPoller<Claimed extends ClaimedCommand> implements Worker {
  private readonly stopping = new AbortController();
  private readonly backoff = new Backoff(100, 10_000);
  private running: Promise<void> | undefined;
  private sweptAt = -Infinity;

  constructor(
    private readonly due: DueCommands<Claimed>,
    private readonly topics: Topics,
    private readonly send: (messages: readonly ProducerMessage[]) => Promise<void>,
    private readonly metrics: CommandPollerMetrics,
    private readonly health: Health,
    private readonly logger: Logger,
  ) {
    health.set(due.healthPart, false, 'not polled yet');
  }

  start(): void {
    this.running = this.run();
  }

  /** Publishes the commands that are claimed already. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const { healthPart, onFailure } = this.due;
    while (!signal.aborted) {
      try {
        const pauseMs = this.due.pauseAfter(await this.poll());
        this.backoff.reset();
        this.health.set(healthPart, true);
        if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.health.set(healthPart, false, reason);
        this.logger.warn({ err: error }, `${reason}; ${onFailure}`);
        await this.backoff.wait(signal);
      }
    }
  }

  /** @returns the number of commands claimed */
  private async poll(): Promise<number> {
    const claimed = await this.due.claim();
    if (claimed.length > 0) await this.publish(claimed);
    await this.sweep();
    return claimed.length;
  }

  private async publish(claimed: readonly Claimed[]): Promise<void> {
    try {
      await this.send(
        claimed.map((one) => toCommandMessage(this.topics, this.due.toCommand(one), new Date(one.askedAt))),
      );
    } catch (error) {
      // If the release fails as well, the commands can be claimed again after the retry time.
      await this.due.release(claimed).catch(() => undefined);
      throw error;
    }
    for (const { attempt, lateMs } of claimed) {
      this.metrics.asked.inc({ attempt: attempt === 1 ? 'first' : 'again' });
      if (attempt === 1) this.metrics.lateSeconds.observe(lateMs / 1000);
    }
    this.due.onPublished?.(claimed);
  }

  /** Sweeps once an hour. */
  private async sweep(): Promise<void> {
    if (performance.now() - this.sweptAt < SWEEP_MS) return;
    await this.due.sweep();
    this.sweptAt = performance.now();
  }
}
