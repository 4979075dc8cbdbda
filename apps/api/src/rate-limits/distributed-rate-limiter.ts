import { createHash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { actorOfCommand, type CommandMessage } from '#libs/contracts';
import type { Queryable, Logger } from '#libs/platform';
import { consumeToken, deleteFullBuckets, refundToken, type TokenBucket } from '#libs/rate-limits';
import { LOGGER, POOL } from '#libs/service';
import { ApiConfig } from '../config/api.config.js';
import { tooManyRequests } from '../http/problem.js';
import type { Rate } from '../config/config-validators.js';
import { costMs, fillMs } from './token-bucket.js';
import { toClientKey } from './client-address.js';

/** The tokens that a command has taken. */
export interface ConsumedTokens {
  /** Taken for the address that a send contains; they pay for wrong guesses. */
  readonly guesses: readonly TokenBucket[];
  /** Taken for a refusal; refunded unless the command is refused. */
  readonly refusals: readonly TokenBucket[];
  readonly all: readonly TokenBucket[];
}

/** Limits across all instances, in PostgreSQL: those that an attacker has a reason to circumvent. */
@Injectable()
export class DistributedRateLimiter {
  constructor(
    private readonly config: ApiConfig,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  /**
   * Takes the tokens of a command before it is published. It pays in advance for a refusal, and a send with an
   * address for a wrong guess; they are refunded if neither happened. Otherwise many concurrent commands would pass
   * before the first was counted. A refusal is stored for ever, so their number per member and day is limited.
   * Nothing that is counted depends on silent acts of others, only on the member's own requests and their responses
   * (D1).
   * @returns the tokens, or the milliseconds until there are enough; in that case none is taken
   */
  async consume(command: CommandMessage): Promise<ConsumedTokens | number> {
    const { RATE_REFUSALS } = this.config;
    const refusals = toBuckets([`refusals ${actorOfCommand(command)}`, RATE_REFUSALS]);
    const { sends, guesses } = this.bucketsOfSend(command);
    const all = [...sends, ...guesses, ...refusals];
    return (await this.consumeAll(all)) ?? { guesses, refusals, all };
  }

  private bucketsOfSend(command: CommandMessage): Record<'sends' | 'guesses', readonly TokenBucket[]> {
    if (command.type !== 'invitations.send.v1') return { sends: [], guesses: [] };
    const { inviterId, recipientId, recipientEmail } = command.data;
    const { RATE_SEND, RATE_WRONG_EMAIL, RATE_WRONG_EMAIL_RECIPIENT } = this.config;
    const sends = toBuckets([`send ${inviterId}`, RATE_SEND]);
    const guesses =
      recipientEmail === undefined
        ? []
        : toBuckets(
            [`guess ${inviterId}`, RATE_WRONG_EMAIL],
            [`guess ${inviterId} ${recipientId}`, RATE_WRONG_EMAIL_RECIPIENT],
          );
    return { sends, guesses };
  }

  async refund(taken: readonly TokenBucket[]): Promise<void> {
    for (const bucket of taken) await refundToken(this.db, bucket);
  }

  /**
   * Counts a submission of the page behind an e-mail link, for the address that it comes from and for the link.
   * @throws ProblemError 429
   */
  async consumeForLink(ip: string, token: string): Promise<void> {
    const { RATE_LINK_ADDRESS, RATE_LINK } = this.config;
    const link = createHash('sha256').update(token).digest('base64url');
    const wait = await this.consumeAll(
      toBuckets([`presses from ${toClientKey(ip)}`, RATE_LINK_ADDRESS], [`presses of ${link}`, RATE_LINK]),
    );
    if (wait !== undefined) throw tooManyRequests(wait);
  }

  /** Takes one token of each bucket or none at all. */
  private async consumeAll(wanted: readonly TokenBucket[]): Promise<number | undefined> {
    for (const [index, bucket] of wanted.entries()) {
      const wait = await consumeToken(this.db, bucket);
      if (wait === undefined) continue;
      await this.refund(wanted.slice(0, index));
      return wait;
    }
    return undefined;
  }
}

const toBuckets = (...named: [string, Rate | undefined][]): TokenBucket[] =>
  named.flatMap(([name, rate]) =>
    rate === undefined ? [] : [{ name, costMs: costMs(rate), fillMs: fillMs(rate) }],
  );

/** In milliseconds. Every instance sweeps, which does no harm. */
const SWEEP_INTERVAL_MS = 5 * 60_000;

/** Deletes full buckets from the table of shared buckets. */
@Injectable()
export class BucketSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(POOL) private readonly db: Queryable,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), SWEEP_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      await deleteFullBuckets(this.db);
    } catch (error) {
      this.logger.warn({ err: error }, 'could not delete full rate-limit buckets; the next sweep retries');
    }
  }
}
