import { TOPICS } from '#libs/contracts';
import type { TopicHandler } from './intake/topic-handler.js';
import { invitationAcceptedHandler } from './invitation-accepted/invitation-accepted.handler.js';
import { invitationRepliedHandler } from './invitation-replied/invitation-replied.handler.js';
import { invitationSentHandler } from './invitation-sent/invitation-sent.handler.js';
import { memberProfilesHandler } from './members/member-profiles.handler.js';
import { reminderDueHandler } from './reminder-due/reminder-due.handler.js';

/** What the app listens to, and what it does about it. */
export const HANDLERS: ReadonlyMap<string, TopicHandler<unknown>> = new Map<string, TopicHandler<unknown>>([
  [TOPICS.profiles, memberProfilesHandler],
  [TOPICS.sent, invitationSentHandler],
  [TOPICS.reminderDue, reminderDueHandler],
  [TOPICS.accepted, invitationAcceptedHandler],
  [TOPICS.replied, invitationRepliedHandler],
]);
