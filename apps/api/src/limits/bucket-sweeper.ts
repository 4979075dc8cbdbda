import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger, Queryable } from '#libs/platform';
import { sweepSharedBuckets } from '#libs/read-models';
import { DATABASE, LOGGER } from '../tokens.js';

/** In milliseconds. Several instances do it, which does no harm. */
const EVERY_MS = 5 * 60_000;

/** Keeps the table of shared buckets as small as what is going on. */
@Injectable()
export class BucketSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(DATABASE) private readonly db: Queryable,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      await sweepSharedBuckets(this.db);
    } catch (error) {
      this.logger.warn({ err: error }, 'the buckets of the rate limits were not swept');
    }
  }
}
