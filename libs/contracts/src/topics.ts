/**
 * Every topic of this service, by the names of the public contract, which an installation without a prefix uses. An ignore, a
 * restore, a withdrawal and a decline are never published (R20, R30, R33, D20). Apps and tools use `Topics` instead.
 */
export const TOPICS = {
  commands: 'invitations.commands',
  deadLetters: 'invitations.commands.dead-letter',
  sent: 'invitations.sent',
  accepted: 'invitations.accepted',
  replied: 'invitations.replied',
  reminderDue: 'invitations.reminder-due',
  profiles: 'members.profiles',
} as const;

export type TopicName = keyof typeof TOPICS;

/** Reply topics begin with this prefix. The publisher of the commands creates and owns its reply topic. */
export const OUTCOMES_PREFIX = 'invitations.outcomes.';

/** Kafka's limit for the name of a topic. */
const MAX_NAME_LENGTH = 249;

/** The topics of one installation: several installations share a broker, each with a prefix of its own. */
export class Topics implements Readonly<Record<TopicName, string>> {
  readonly commands: string;
  readonly deadLetters: string;
  readonly sent: string;
  readonly accepted: string;
  readonly replied: string;
  readonly reminderDue: string;
  readonly profiles: string;
  private readonly outcomes: string;

  /** @param prefix of every name; none for the names of the public contract */
  constructor(prefix = '') {
    this.commands = prefix + TOPICS.commands;
    this.deadLetters = prefix + TOPICS.deadLetters;
    this.sent = prefix + TOPICS.sent;
    this.accepted = prefix + TOPICS.accepted;
    this.replied = prefix + TOPICS.replied;
    this.reminderDue = prefix + TOPICS.reminderDue;
    this.profiles = prefix + TOPICS.profiles;
    this.outcomes = prefix + OUTCOMES_PREFIX;
  }

  /** All topics that have a fixed name, to create them. */
  get names(): readonly string[] {
    const { commands, deadLetters, sent, accepted, replied, reminderDue, profiles } = this;
    return [commands, deadLetters, sent, accepted, replied, reminderDue, profiles];
  }

  /** The topics whose messages carry members' texts as they are, so that they must not be kept for ever. */
  get withTexts(): readonly string[] {
    return [this.commands, this.deadLetters, this.sent, this.replied];
  }

  /** The reply topic of a publisher. */
  outcomesOf(publisher: string): string {
    return this.outcomes + publisher;
  }

  /** Whether the topic is a reply topic with a legal name. */
  isOutcomes(topic: string): boolean {
    return (
      topic.startsWith(this.outcomes) &&
      topic.length <= MAX_NAME_LENGTH &&
      /^[A-Za-z0-9._-]{1,200}$/.test(topic.slice(this.outcomes.length))
    );
  }
}

/** Partitions of each topic. It is part of the contract: another number moves keys to other partitions and breaks their order. */
export const PARTITIONS = 8;
