import type { Topics } from '#libs/contracts';
import type { Logger } from '#libs/platform';

/** How long a list of topics is used for topics that it names, in milliseconds. */
const LIST_VALID_MS = 60_000;

/**
 * How soon a topic is looked for again that a list did not name. A topic that is missing for the first time is looked for at
 * once, however young the list is: its publisher may just have created it.
 */
const MISSING_AGAIN_MS = 1_000;

/** A topic rejects messages while its partition elects a leader. One that does so for longer has a problem of its own. */
const TOLERATED_FAILURE_MS = 30_000;
const OPEN_MS = 60_000;

/**
 * A circuit breaker for each reply topic. The topics belong to the publishers. A topic that does not exist or rejects messages
 * would fail the whole produce request, and so block all following commands.
 */
export class ReplyTopicBreaker {
  private topics: ReadonlySet<string> = new Set();
  /** When each missing topic was last looked for. */
  private missingAt: ReadonlyMap<string, number> = new Map();
  private listedAt = Number.NEGATIVE_INFINITY;
  private lastSuccessAt = Number.NEGATIVE_INFINITY;
  private readonly failingSince = new Map<string, number>();
  private readonly openUntil = new Map<string, number>();

  /** @param now returns milliseconds of a clock that is never set back */
  constructor(
    private readonly ours: Topics,
    private readonly listTopics: () => Promise<readonly string[]>,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {}

  /** Returns the topics that exist and whose breaker is closed. Logs a warning for each that does not exist. */
  async filterUsable(wanted: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const legal = [...wanted].filter((topic) => this.ours.isOutcomes(topic));
    await this.refresh(legal);
    const usable = new Set(legal.filter((topic) => this.topics.has(topic) && !this.isOpen(topic)));
    for (const topic of wanted) {
      if (usable.has(topic) || this.isOpen(topic)) continue;
      // A publisher may have written anything into the header, for example an e-mail address.
      const loggable = this.ours.isOutcomes(topic) ? { topic } : {};
      this.logger.warn(loggable, `no reply: not an existing topic ${this.ours.outcomesOf('*')}`);
    }
    return usable;
  }

  /** Call this after a failed send: a topic may have been deleted. */
  invalidate(): void {
    this.listedAt = Number.NEGATIVE_INFINITY;
  }

  recordSuccess(topics: readonly string[]): void {
    if (topics.length > 0) this.lastSuccessAt = this.now();
    for (const topic of topics) this.failingSince.delete(topic);
  }

  /**
   * Opens the breaker for a minute if the topic has failed for long while other topics accepted messages; if none did, the
   * whole cluster has an outage.
   * @returns whether the breaker is open now
   */
  recordFailure(topic: string, reason: string): boolean {
    const now = this.now();
    const since = this.failingSince.get(topic) ?? now;
    this.failingSince.set(topic, since);
    if (now - since < TOLERATED_FAILURE_MS || this.lastSuccessAt < since) return false;
    this.openUntil.set(topic, now + OPEN_MS);
    this.logger.warn(
      { topic, reason },
      'no replies for a minute: the topic rejects messages, but others accept them',
    );
    return true;
  }

  private isOpen(topic: string): boolean {
    return this.now() < (this.openUntil.get(topic) ?? 0);
  }

  private async refresh(wanted: readonly string[]): Promise<void> {
    const now = this.now();
    const isRecentlyMissed = (topic: string) =>
      now - (this.missingAt.get(topic) ?? -Infinity) < MISSING_AGAIN_MS;
    const isComplete = wanted.every((topic) => this.topics.has(topic) || isRecentlyMissed(topic));
    if (isComplete && now - this.listedAt < LIST_VALID_MS) return;
    const topics = new Set(await this.listTopics());
    const stillMissed = [...this.missingAt].filter(([topic]) => isRecentlyMissed(topic));
    const missed = wanted.filter((topic) => !topics.has(topic)).map((topic) => [topic, now] as const);
    this.missingAt = new Map([...stillMissed, ...missed]);
    this.topics = topics;
    this.listedAt = now;
  }
}
