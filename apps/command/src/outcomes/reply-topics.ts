import { isOutcomesTopic } from '#libs/contracts';
import type { Logger } from '#libs/platform';

const KNOWN_FOR_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

/**
 * Which reply topics exist. Their owners create them; a reply to one that is missing would hold up every other message
 * of the request that it travels in.
 */
export class ReplyTopics {
  private topics: ReadonlySet<string> = new Set();
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly listTopics: () => Promise<readonly string[]>,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {}

  /** Those of the wanted topics that a reply can go to; a log line for each that it cannot. */
  async usable(wanted: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const legal = [...wanted].filter(isOutcomesTopic);
    await this.refresh(legal.some((topic) => !this.topics.has(topic)));
    const usable = new Set(legal.filter((topic) => this.topics.has(topic)));
    for (const topic of wanted) {
      if (usable.has(topic)) continue;
      // What a publisher wrote there may be anything: an address, for one.
      const named = isOutcomesTopic(topic) ? { topic } : {};
      this.logger.warn(named, 'no reply: not an existing topic invitations.outcomes.*');
    }
    return usable;
  }

  /** To be called when sending failed: one of the topics may be gone, and would hold up every chunk until we ask. */
  forget(): void {
    this.askedAt = Number.NEGATIVE_INFINITY;
  }

  private async refresh(somethingIsMissing: boolean): Promise<void> {
    const age = this.now() - this.askedAt;
    if (age < (somethingIsMissing ? ASK_AGAIN_MS : KNOWN_FOR_MS)) return;
    this.topics = new Set(await this.listTopics());
    this.askedAt = this.now();
  }
}
