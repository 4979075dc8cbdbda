import {
  openEnvelope,
  type Envelope,
  type MessageHeaders,
  type ReceivedMessage,
  isMisspelt,
} from '../envelope.js';
import { isServiceCommandId, UUID } from '../fields.js';
import { InvalidDataError, parseDto } from '../validation/parse-dto.js';
import {
  COMMAND_TYPES,
  SERVICE_COMMAND_TYPES,
  type CommandMessage,
  type CommandType,
} from './commands.dto.js';

/** Converts a command of an older version to the next. */
export interface CommandUpcaster {
  /** `ce_type` of the next version. */
  readonly to: string;
  /** Returns the data in the shape of the next version. It may leave invalid data as it is: validation comes afterwards. */
  readonly data: (older: unknown) => unknown;
}

export type CommandUpcasters = Readonly<Record<string, CommandUpcaster>>;

/** By the older `ce_type`. Empty as long as every command is in its first version. */
export const COMMAND_UPCASTERS: CommandUpcasters = {};

/** The `ce_type` of the newest version that a type is upcast to. */
export function newestCommandType(type: string, upcasters = COMMAND_UPCASTERS): string {
  return Object.hasOwn(upcasters, type) ? newestCommandType(upcasters[type]!.to, upcasters) : type;
}

/** Converts a command to the newest version of its type. */
export function upcastCommand(
  type: string,
  data: unknown,
  upcasters: CommandUpcasters = COMMAND_UPCASTERS,
): { readonly type: string; readonly data: unknown } {
  const upcaster = Object.hasOwn(upcasters, type) ? upcasters[type] : undefined;
  return upcaster === undefined ? { type, data } : upcastCommand(upcaster.to, upcaster.data(data), upcasters);
}

/**
 * Parses a command.
 * @throws InvalidDataError
 */
export function parseCommand(message: ReceivedMessage): CommandMessage {
  const envelope = openEnvelope(message);
  const commandId = readCommandId(envelope, message);
  const messageType = envelope.attribute('type') ?? '';
  const type = newestCommandType(messageType);
  if (!Object.hasOwn(COMMAND_TYPES, type)) {
    throw new InvalidDataError([`${envelope.nameOf('type')} names no command`]);
  }
  checkAttributes(envelope, commandId, type as CommandType);
  const { data: upcast } = upcastCommand(messageType, envelope.data());
  const data = parseDto<object>(COMMAND_TYPES[type as CommandType], upcast);
  return { type, commandId, data } as CommandMessage;
}

/** @throws InvalidDataError */
function readCommandId(envelope: Envelope, message: MessageHeaders): string {
  const id = envelope.attribute('id');
  if (id !== undefined && UUID.test(id)) return id.toLowerCase();
  const name = envelope.nameOf('id');
  throw new InvalidDataError([
    id === undefined && isMisspelt(message, 'ce_id')
      ? `${name} is missing: another header has its name in other letters`
      : `${name} must be a UUID`,
  ]);
}

/**
 * Checks the other attributes of a command. `specversion`, `source` and `time` are optional, because nothing depends on them, but
 * `specversion` must be valid if it is present.
 * @throws InvalidDataError
 */
function checkAttributes(envelope: Envelope, commandId: string, type: CommandType): void {
  if ((envelope.attribute('specversion') ?? '1.0') !== '1.0') {
    throw new InvalidDataError([`${envelope.nameOf('specversion')} must be 1.0`]);
  }
  const isService = SERVICE_COMMAND_TYPES.has(type);
  if (isServiceCommandId(commandId) !== isService) {
    throw new InvalidDataError([
      isService
        ? `${envelope.nameOf('type')} names a command of this service alone`
        : `${envelope.nameOf('id')} must not be a UUID of version 8`,
    ]);
  }
}
