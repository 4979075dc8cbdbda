import { InvalidDataError } from '#libs/contracts';
import type { ConsumedMessage } from '#libs/kafka';
import { inTransaction, type Logger, type Pool } from '#libs/platform';
import {
  MemberDirectory,
  saveMembers,
  SHARED_PROFILE_TABLES,
  type MemberUpdate,
  type ProfileMetrics,
  type ReadTopicOffsets,
} from '#libs/profiles';

/** The consumer group of the members directory, after the prefix of the installation. Runbooks name it. */
export const MEMBERS_GROUP = 'projector-members';

/** Keeps the members directory up to date with the topic of the profile service (D13). */
export class MemberProfilesHandler {
  private readonly directory: MemberDirectory;

  constructor(
    private readonly pool: Pool,
    readTopicOffsets: ReadTopicOffsets,
    metrics: ProfileMetrics,
    private readonly logger: Logger,
  ) {
    this.directory = new MemberDirectory(
      SHARED_PROFILE_TABLES,
      saveMembers,
      readTopicOffsets,
      metrics,
      logger,
    );
  }

  /** @param messages of one partition, in order */
  async handle(messages: readonly ConsumedMessage[]): Promise<void> {
    const updates = messages.flatMap((message) => this.read(message) ?? []);
    await inTransaction(this.pool, (tx) => this.directory.apply(tx, updates));
  }

  private read(message: ConsumedMessage): MemberUpdate | undefined {
    try {
      return this.directory.read(message);
    } catch (error) {
      if (!(error instanceof InvalidDataError)) throw error;
      const { topic, partition, offset } = message;
      this.logger.error(
        { topic, partition, offset, reason: error.message },
        'a message of members.profiles is not a profile: the member stays as before until the profile service publishes it again',
      );
      return undefined;
    }
  }
}
