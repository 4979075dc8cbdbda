export {
  AcceptInvitationData,
  OnInvitationData,
  ReplyToInvitationData,
} from './commands/answer-invitation.dto.js';
export {
  accountOfCommand,
  actorOfCommand,
  COMMAND_TYPES,
  correlationOfCommand,
  SERVICE_COMMAND_TYPES,
  type CommandMessage,
  type CommandType,
} from './commands/command-types.js';
export { LiftRestrictionData } from './commands/lift-restriction.dto.js';
export { SendInvitationData } from './commands/send-invitation.dto.js';
export { RecordConnectionData, RemindRecipientData, THE_SERVICE } from './commands/service-commands.dto.js';
export { isServiceCommandId, serviceCommandId } from './commands/service-command-id.js';
export { newestCommandType, upcastCommand, type CommandUpcasters } from './commands/upcast-command.js';
export { cloudEventHeaders, SOURCE, type CloudEventAttributes } from './cloud-event.js';
export { EVENT_TYPES, type EventMessage, type EventType } from './events/event-types.js';
export {
  InvitationAcceptedData,
  InvitationRepliedData,
  InvitationSentData,
  ReminderDueData,
} from './events/public-events.dto.js';
export { EMAIL_ADDRESS, IsEmailAddress, MAX_EMAIL_LENGTH } from './email-address.js';
export { INSTANT, IsInstant } from './instant.js';
export { INVITATION_ID, inviterOfInvitation, IsInvitationId, IsMemberId, MEMBER_ID, UUID } from './ids.js';
export { MAX_MESSAGE_BYTES, parseJson } from './json.js';
export { MAX_JSON_DEPTH } from './json-members.js';
export { MemberProfile } from './member-profile.dto.js';
export { commandIdOf } from './headers.js';
export { parseCommand, parseEvent, parseProfile, type ReceivedMessage } from './messages.js';
export { CommandOutcome, REFUSAL_CODES, type OutcomeCode } from './outcome.js';
export { IsMemberText, stripControls } from './text.js';
export { isOutcomesTopic, OUTCOMES_PREFIX, PARTITIONS, TOPICS } from './topics.js';
export { InvalidData, validated } from './validation.js';
