import { COMMAND_TYPES, type CommandMessage, type CommandType } from './commands/command-types.js';
import { newestCommandType, upcastCommand } from './commands/upcast-command.js';
import { EVENT_TYPES, type EventMessage, type EventType } from './events/event-types.js';
import { checkCommandHeaders, commandIdOf, headerOnce, type MessageHeaders } from './headers.js';
import { UUID } from './ids.js';
import { parseJson } from './json.js';
import { MemberProfile } from './member-profile.dto.js';
import { InvalidData, validated } from './validation.js';

/** A received Kafka message, as far as the contract is concerned. */
export interface ReceivedMessage extends MessageHeaders {
  readonly value: Uint8Array | null;
}

/**
 * The command in a message.
 * @throws InvalidData when it is no valid command
 */
export function parseCommand(message: ReceivedMessage): CommandMessage {
  const commandId = commandIdOf(message);
  if (commandId === undefined) throw new InvalidData(['header ce_id must be a UUID']);
  const given = headerOnce(message, 'ce_type') ?? '';
  const type = newestCommandType(given);
  if (!Object.hasOwn(COMMAND_TYPES, type)) throw new InvalidData(['header ce_type names no command']);
  checkCommandHeaders(message, commandId, type as CommandType);
  const { data: today } = upcastCommand(given, parseJson(message.value));
  const data = validated<object>(COMMAND_TYPES[type as CommandType], today);
  return { type, commandId, data } as CommandMessage;
}

/**
 * The public event in a message.
 * @throws InvalidData when it is none
 */
export function parseEvent(message: ReceivedMessage): EventMessage {
  const id = message.header('ce_id');
  if (id === undefined || !UUID.test(id)) throw new InvalidData(['header ce_id must be a UUID']);
  const type = message.header('ce_type') ?? '';
  if (!Object.hasOwn(EVENT_TYPES, type)) throw new InvalidData(['header ce_type names no event']);
  const data = validated<object>(EVENT_TYPES[type as EventType].data, parseJson(message.value), 'drop');
  return { type, id, data } as EventMessage;
}

/**
 * The profile in a message of `members.profiles`, or null where the member is removed.
 * @throws InvalidData when it is none
 */
export function parseProfile(message: ReceivedMessage): MemberProfile | null {
  return message.value === null ? null : validated(MemberProfile, parseJson(message.value), 'drop');
}
