import { isOutcomesTopic } from '#libs/contracts';
import type { Logger } from '#libs/platform';

const KNOWN_FOR_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

/** A topic refuses messages while its partition gets another leader. One that does so for longer has trouble of its own. */
const PATIENCE_MS = 30_000;
const PASSED_OVER_FOR_MS = 60_000;

/**
 * Which reply topics exist, and take messages. Their owners create them; a reply to one that is missing, or refuses, would
 * hold up every other message of the request that it travels in, and then all commands behind.
 */
export class ReplyTopics {
  private topics: ReadonlySet<string> = new Set();
  private askedAt = Number.NEGATIVE_INFINITY;
  private tookAt = Number.NEGATIVE_INFINITY;
  private readonly refusingSince = new Map<string, number>();
  private readonly passedOverUntil = new Map<string, number>();

  constructor(
    private readonly listTopics: () => Promise<readonly string[]>,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {}

  /** Those of the wanted topics that a reply can go to; a log line for each that it cannot. */
  async usable(wanted: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const legal = [...wanted].filter(isOutcomesTopic);
    await this.refresh(legal.some((topic) => !this.topics.has(topic)));
    const usable = new Set(legal.filter((topic) => this.topics.has(topic) && !this.isPassedOver(topic)));
    for (const topic of wanted) {
      if (usable.has(topic) || this.isPassedOver(topic)) continue;
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

  /** Topics have taken what they were sent. */
  took(topics: readonly string[]): void {
    if (topics.length > 0) this.tookAt = this.now();
    for (const topic of topics) this.refusingSince.delete(topic);
  }

  /**
   * A topic has refused what it was sent.
   * @returns whether it is passed over for a minute: it has refused for long, and other topics have taken messages since,
   * so that it is no outage
   */
  refused(topic: string, reason: string): boolean {
    const now = this.now();
    const since = this.refusingSince.get(topic) ?? now;
    this.refusingSince.set(topic, since);
    if (now - since < PATIENCE_MS || this.tookAt < since) return false;
    this.passedOverUntil.set(topic, now + PASSED_OVER_FOR_MS);
    this.logger.warn({ topic, reason }, 'no replies for a minute: the topic refuses them, others do not');
    return true;
  }

  private isPassedOver(topic: string): boolean {
    return this.now() < (this.passedOverUntil.get(topic) ?? 0);
  }

  private async refresh(somethingIsMissing: boolean): Promise<void> {
    const age = this.now() - this.askedAt;
    if (age < (somethingIsMissing ? ASK_AGAIN_MS : KNOWN_FOR_MS)) return;
    this.topics = new Set(await this.listTopics());
    this.askedAt = this.now();
  }
}
