/** Every topic of this service. An ignore, a withdrawal and a decline are never published (R20, R30, R33). */
export const TOPICS = {
  commands: 'invitations.commands',
  deadLetters: 'invitations.commands.dead-letter',
  sent: 'invitations.sent',
  accepted: 'invitations.accepted',
  replied: 'invitations.replied',
  reminderDue: 'invitations.reminder-due',
  profiles: 'members.profiles',
} as const;

/** Reply topics begin with this prefix. The publisher of the commands creates and owns its reply topic. */
export const OUTCOMES_PREFIX = 'invitations.outcomes.';

/** Whether the topic is a reply topic with a legal name. */
export const isOutcomesTopic = (topic: string): boolean =>
  topic.startsWith(OUTCOMES_PREFIX) && /^[A-Za-z0-9._-]{1,200}$/.test(topic.slice(OUTCOMES_PREFIX.length));

/** Partitions of each topic. It is part of the contract: another number moves keys to other partitions and breaks their order. */
export const PARTITIONS = 8;
