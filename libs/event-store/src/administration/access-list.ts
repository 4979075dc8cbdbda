/** The keys of an access list, as EventStoreDB names them: read, append, delete, change the metadata. */
export type Right = '$r' | '$w' | '$d' | '$mw';

export type AccessList = Readonly<Record<string, unknown>>;

export const ADMINS = '$admins';
/** Stands for every user in an access list. */
const EVERYONE = '$all';

/** A list with a right for more users, and who got it; undefined if nobody had to. */
export interface Grant {
  readonly list: AccessList;
  readonly added: readonly string[];
}

/**
 * Gives a right to users. Nobody loses it who is named in the list. If the list does not name the right, the server's default
 * applies; from then on, administrators and these users have it, and nobody else.
 */
export function grant(list: AccessList, right: Right, users: readonly string[]): Grant | undefined {
  const current = list[right];
  if (current === undefined) return { list: { ...list, [right]: [ADMINS, ...users] }, added: users };
  const roles = rolesOf(current);
  const added = roles.includes(EVERYONE) ? [] : users.filter((user) => !roles.includes(user));
  return added.length === 0 ? undefined : { list: { ...list, [right]: [...roles, ...added] }, added };
}

/** Whether everyone has the right because the list says so. */
export const isForEveryone = (list: AccessList, right: Right): boolean =>
  rolesOf(list[right]).includes(EVERYONE);

/** A list has one role as text, or several. */
const rolesOf = (value: unknown): string[] =>
  [value].flat().filter((role): role is string => typeof role === 'string');
