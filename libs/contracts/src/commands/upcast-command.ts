/** How a command of an older version becomes one of the next. */
export interface CommandUpcaster {
  /** `ce_type` of the next version. */
  readonly to: string;
  /** The data in the next version's shape. What is no valid data may stay so: it is validated afterwards. */
  readonly data: (older: unknown) => unknown;
}

export type CommandUpcasters = Readonly<Record<string, CommandUpcaster>>;

/** By the older `ce_type`. Empty while every command is in its first version; a second one adds its line here. */
export const COMMAND_UPCASTERS: CommandUpcasters = {};

/** The `ce_type` that a command of this one ends up with. */
export function newestCommandType(type: string, upcasters = COMMAND_UPCASTERS): string {
  return Object.hasOwn(upcasters, type) ? newestCommandType(upcasters[type]!.to, upcasters) : type;
}

/** A command in the newest version that leads on from its own, by `ce_type` and data. */
export function upcastCommand(
  type: string,
  data: unknown,
  upcasters: CommandUpcasters = COMMAND_UPCASTERS,
): { readonly type: string; readonly data: unknown } {
  const upcaster = Object.hasOwn(upcasters, type) ? upcasters[type] : undefined;
  return upcaster === undefined ? { type, data } : upcastCommand(upcaster.to, upcaster.data(data), upcasters);
}
