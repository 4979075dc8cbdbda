import { InvalidData, parseProfile } from '#libs/contracts';
import type { Incoming } from '#libs/kafka';
import { inTransaction, type Logger, type Pool } from '#libs/platform';
import { saveMembers, type Member } from '#libs/read-models';

/** Keeps the members directory as the profile service tells it (D13). The last profile of a member counts. */
export class MembersHandler {
  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {}

  async handle(messages: readonly Incoming[]): Promise<void> {
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
    await inTransaction(this.pool, (tx) => saveMembers(tx, profiles));
  }
}
