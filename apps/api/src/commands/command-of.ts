import { COMMAND_TYPES, validated, type CommandMessage, type CommandType } from '#libs/contracts';

type DataOf<Type extends CommandType> = InstanceType<(typeof COMMAND_TYPES)[Type]>;

/**
 * A command as the contract has it.
 * @throws InvalidData
 */
export function commandOf<Type extends CommandType>(
  type: Type,
  commandId: string,
  data: { [Field in keyof DataOf<Type>]: unknown },
): CommandMessage {
  return { type, commandId, data: validated<object>(COMMAND_TYPES[type], data) } as CommandMessage;
}
