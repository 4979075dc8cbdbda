/** Every topic of this service. Nothing else is ever published: no topic exists for ignore, withdraw or decline (R20, R30, R33). */
export const TOPICS = {
  commands: 'invitations.commands',
  deadLetters: 'invitations.commands.dead-letter',
  sent: 'invitations.sent',
  accepted: 'invitations.accepted',
  replied: 'invitations.replied',
  reminderDue: 'invitations.reminder-due',
  profiles: 'members.profiles',
} as const;

/** Outcomes go only to topics below this prefix, each owned and created by the one who asked. */
export const OUTCOMES_PREFIX = 'invitations.outcomes.';

/** What follows the prefix must make a legal topic name. */
export const isOutcomesTopic = (topic: string): boolean =>
  topic.startsWith(OUTCOMES_PREFIX) && /^[A-Za-z0-9._-]{1,200}$/.test(topic.slice(OUTCOMES_PREFIX.length));

/** The count is part of a topic's contract: another one sends the same key elsewhere (order by key would break). */
export const PARTITIONS = 8;
