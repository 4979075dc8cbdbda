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
