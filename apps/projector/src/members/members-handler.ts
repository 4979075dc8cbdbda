import { InvalidData, parseProfile } from '#libs/contracts';
import type { Incoming } from '#libs/kafka';
import { inTransaction, type Logger, type Pool } from '#libs/platform';
import {
  holdProfilePlace,
  isUnknown,
  moveProfilePlace,
  placeAfter,
  saveMembers,
  type Member,
} from '#libs/read-models';

/** Keeps the members directory as the profile service tells it (D13). The last profile of a member counts. */
export class MembersHandler {
  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {}

  /**
   * Messages of one partition, in order. Those that are known already change nothing: they are a repeat, or come from a
   * process that was paused and no longer has the partition.
   */
  async handle(messages: readonly Incoming[]): Promise<void> {
    const { topic, partition } = messages[0]!;
    await inTransaction(this.pool, async (tx) => {
      const place = await holdProfilePlace(tx, topic, partition);
      const unknown = messages.filter((message) => isUnknown(message, place));
      if (unknown.length === 0) return;
      await saveMembers(tx, this.profilesOf(unknown));
      await moveProfilePlace(tx, topic, partition, placeAfter(unknown, place));
    });
  }

  private profilesOf(messages: readonly Incoming[]): ReadonlyMap<string, Member | null> {
    const profiles = new Map<string, Member | null>();
    for (const message of messages) {
      const key = message.key?.toString();
      try {
        const profile = parseProfile(message);
        if (key === undefined) throw new InvalidData(['the message has no key']);
        if (profile !== null && profile.id !== key) throw new InvalidData(['id must be the key']);
        profiles.set(key, profile);
      } catch (error) {
        if (!(error instanceof InvalidData)) throw error;
        // The topic keeps it: once the profile service has mended it, the next message of that key is right.
        const { topic, partition, offset } = message;
        this.logger.error(
          { topic, partition, offset, reason: error.message },
          'no valid profile: the member stays as before',
        );
      }
    }
    return profiles;
  }
}
