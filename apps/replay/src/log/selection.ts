import type { Position } from '#libs/projection/reading';
import type { RecordedEvent } from '#libs/event-store/reading';

/** Which events are wanted: all that is said must hold. */
export interface Selection {
  readonly types?: ReadonlySet<string> | undefined;
  /** Whose stream it is in. */
  readonly account?: string | undefined;
  /** Who takes part in it, in whatever role. */
  readonly member?: string | undefined;
  /** Which it is of, supersedes or closes, or by which a connection came about. */
  readonly invitation?: string | undefined;
  /** Instants of what happened, ISO 8601 in UTC with milliseconds; both are included. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Places in $all: behind the one, up to and including the other. */
  readonly after?: Position | undefined;
  readonly to?: Position | undefined;
}

/** Stored fields keep their names for ever, so this can be told before an event is brought to today's form. */
type Fields = Readonly<Record<string, unknown>>;

const MEMBER_FIELDS = ['inviterId', 'recipientId', 'accountId', 'memberId'] as const;
const INVITATION_FIELDS = ['invitationId', 'supersedes', 'closes', 'through'] as const;

/** What tells wanted events by anything but their place; undefined where all are. */
export function wanted(selection: Selection): ((event: RecordedEvent) => boolean) | undefined {
  const { types, account, member, invitation, since, until } = selection;
  const conditions: ((event: RecordedEvent) => boolean)[] = [];
  if (types !== undefined) conditions.push(({ type }) => types.has(type));
  if (account !== undefined) conditions.push(({ accountId }) => accountId === account);
  if (member !== undefined) conditions.push(holds(MEMBER_FIELDS, member));
  if (invitation !== undefined) conditions.push(holds(INVITATION_FIELDS, invitation));
  if (since !== undefined) conditions.push((event) => atOf(event) >= since);
  if (until !== undefined) conditions.push((event) => atOf(event) <= until);
  if (conditions.length === 0) return undefined;
  return (event) => conditions.every((condition) => condition(event));
}

function holds(names: readonly string[], value: string): (event: RecordedEvent) => boolean {
  return ({ data }) => names.some((name) => (data as Fields)[name] === value);
}

/** All instants are written alike, so their texts are in their order. */
const atOf = ({ data }: RecordedEvent): string => String((data as Fields)['at']);
