export {
  CLOUD_EVENT_SOURCE,
  cloudEventHeaders,
  type CloudEventAttributes,
  type ReceivedMessage,
  givenAttributes,
  MAX_GIVEN_ID_LENGTH,
  type GivenAttributes,
} from './envelope.js';
export {
  commandDigest,
  isSignedOperatorCommand,
  OPERATOR_COMMAND_TYPES,
  OPERATOR_SIGNATURE_HEADER,
  operatorSignatureHeaders,
  signOperatorCommand,
} from './commands/command-digest.js';
export { CommandOutcome, REFUSAL_CODES, type OutcomeCode } from './commands/command-outcome.dto.js';
export {
  AcceptInvitationData,
  accountOfCommand,
  actorOfCommand,
  CloseAccountData,
  CloseInvitationData,
  COMMAND_TYPES,
  correlationOfCommand,
  EndConnectionData,
  ExpireInvitationData,
  InvitationCommandData,
  LiftRestrictionData,
  RecordConnectionData,
  RemindRecipientData,
  ReplyToInvitationData,
  SendInvitationData,
  SERVICE_COMMAND_TYPES,
  SYSTEM_ACTOR,
  type CommandMessage,
  type CommandType,
  type ServiceCommandType,
} from './commands/commands.dto.js';
export {
  newestCommandType,
  upcastCommand,
  type CommandUpcasters,
  parseCommand,
} from './commands/parse-command.js';
export {
  EVENT_TYPES,
  InvitationAcceptedData,
  InvitationRepliedData,
  InvitationSentData,
  parseEvent,
  ReminderDueData,
  type EventMessage,
  type EventType,
} from './events/public-events.dto.js';
export {
  IsMemberText,
  IsUtcTimestamp,
  stripControlCharacters,
  UTC_TIMESTAMP,
  INVITATION_ID,
  IsInvitationId,
  IsMemberId,
  isServiceCommandId,
  MEMBER_ID,
  serviceCommandId,
  UUID,
  canonicalAddress,
  EMAIL_ADDRESS,
  EMAIL_SHAPE,
  IsEmailAddress,
  isSameAddress,
  MAX_EMAIL_LENGTH,
  readableAddress,
} from './fields.js';
export { MemberProfile } from './profiles/member-profile.dto.js';
export {
  MAX_PROFILE_BYTES,
  parseProfile,
  PROFILE_FIELDS,
  readProfile,
  type ProfileField,
  type ProfileMessage,
  type ProfileReadResult,
  type UsableProfile,
} from './profiles/read-profile.js';
export { OUTCOMES_PREFIX, PARTITIONS, Topics, TOPICS, type TopicName } from './topics.js';
export { MAX_JSON_DEPTH, MAX_MESSAGE_BYTES, parseJson } from './validation/json.js';
export { InvalidDataError, parseDto } from './validation/parse-dto.js';
