import {
  COMMAND_TYPES,
  SERVICE_COMMAND_TYPES,
  type CommandMessage,
  type CommandType,
} from './commands/commands.dto.js';
import { newestCommandType, upcastCommand } from './commands/upcast-command.js';
import { EVENT_TYPES, type EventMessage, type EventType } from './events/public-events.dto.js';
import { isServiceCommandId, UUID } from './fields/ids.js';
import { parseJson } from './validation/json.js';
import { InvalidDataError, parseDto } from './validation/parse-dto.js';

/** The headers of a received message. */
export interface MessageHeaders {
  /** The first value of a header as text; undefined if there is none. */
  header(name: string): string | undefined;
  /** All headers, if they are known: a header that is given more than once is a list. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** The parts of a received Kafka message that the contract is about. */
export interface ReceivedMessage extends MessageHeaders {
  readonly value: Uint8Array | null;
}

/**
 * Parses a command.
 * @throws InvalidDataError
 */
export function parseCommand(message: ReceivedMessage): CommandMessage {
  const commandId = commandIdOf(message);
  if (commandId === undefined) throw new InvalidDataError(['header ce_id must be a UUID']);
  const messageType = singleHeader(message, 'ce_type') ?? '';
  const type = newestCommandType(messageType);
  if (!Object.hasOwn(COMMAND_TYPES, type)) throw new InvalidDataError(['header ce_type names no command']);
  checkCommandHeaders(message, commandId, type as CommandType);
  const { data: upcast } = upcastCommand(messageType, parseJson(message.value));
  const data = parseDto<object>(COMMAND_TYPES[type as CommandType], upcast);
  return { type, commandId, data } as CommandMessage;
}

/**
 * Parses a public event.
 * @throws InvalidDataError
 */
export function parseEvent(message: ReceivedMessage): EventMessage {
  const id = message.header('ce_id');
  if (id === undefined || !UUID.test(id)) throw new InvalidDataError(['header ce_id must be a UUID']);
  const type = message.header('ce_type') ?? '';
  if (!Object.hasOwn(EVENT_TYPES, type)) throw new InvalidDataError(['header ce_type names no event']);
  const data = parseDto<object>(EVENT_TYPES[type as EventType].data, parseJson(message.value), 'drop');
  return { type, id, data } as EventMessage;
}

/** The command id of a message, if it can be read. The refusal of an otherwise invalid message names it. */
export function commandIdOf(message: MessageHeaders): string | undefined {
  const id = isRepeated(message, 'ce_id') ? undefined : message.header('ce_id');
  return id !== undefined && UUID.test(id) ? id.toLowerCase() : undefined;
}

/** JSON by its own media type or by the suffix of another. Not CloudEvents' structured mode, whose data is inside the JSON. */
const JSON_DATA = /^application\/(?!cloudevents)([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Checks the headers of a command. `ce_specversion`, `ce_source`, `ce_time` and `content-type` are optional, because nothing
 * depends on them, but `ce_specversion` and `content-type` must be valid if they are present.
 * @throws InvalidDataError
 */
function checkCommandHeaders(message: MessageHeaders, commandId: string, type: CommandType): void {
  if ((singleHeader(message, 'ce_specversion') ?? '1.0') !== '1.0') {
    throw new InvalidDataError(['header ce_specversion must be 1.0']);
  }
  const contentType = singleHeader(message, 'content-type');
  if (contentType !== undefined && !JSON_DATA.test(contentType)) {
    throw new InvalidDataError(['header content-type must be application/json']);
  }
  const isService = SERVICE_COMMAND_TYPES.has(type);
  if (isServiceCommandId(commandId) !== isService) {
    throw new InvalidDataError([
      isService
        ? 'header ce_type names a command of this service alone'
        : 'header ce_id must not be a UUID of version 8',
    ]);
  }
}

/** @throws InvalidDataError when the header is given more than once, because it is unclear which value counts */
function singleHeader(message: MessageHeaders, name: string): string | undefined {
  if (isRepeated(message, name)) throw new InvalidDataError([`header ${name} is given more than once`]);
  return message.header(name);
}

const isRepeated = ({ headers }: MessageHeaders, name: string) =>
  headers !== undefined && Array.isArray(headers[name]);
