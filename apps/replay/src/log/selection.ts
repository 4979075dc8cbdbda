import { InvalidArgumentError, type Command } from '#libs/cli';
import type { LogPosition, RawEvent } from '#libs/event-store/read-only';
import { STORED_TYPES } from '#libs/invitation';
import { parseInstant, parsePosition } from './point-in-time.js';

/** Selects the events that meet all of the given conditions. */
export interface Selection {
  readonly types?: ReadonlySet<string> | undefined;
  /** The owner of the account's stream. */
  readonly account?: string | undefined;
  /** A member who takes part in the event in any role. */
  readonly member?: string | undefined;
  /** An invitation that the event is about, supersedes, closes or turns into a connection. */
  readonly invitation?: string | undefined;
  /** Instants at which something happened, ISO 8601 in UTC with milliseconds: only `before` is exclusive. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly before?: string | undefined;
  /** Positions in $all: `after` is exclusive, `to` is inclusive. */
  readonly after?: LogPosition | undefined;
  readonly to?: LogPosition | undefined;
}

/** The parsed values of the options that `addSelectionOptions` adds. */
export interface SelectionOptions extends Omit<Selection, 'types' | 'until' | 'before'> {
  readonly type?: readonly string[];
  /** Exclusive. */
  readonly until?: string | undefined;
}

/** Adds the options that select a part of the log. */
export const addSelectionOptions = (command: Command): Command =>
  command
    .option('--type <types>', 'only events of these types, separated by commas', parseTypes)
    .option('--account <member>', 'only events of this account: what its owner did as an inviter')
    .option('--member <member>', 'only events in which this member takes part, in any role')
    .option('--invitation <id>', 'only events about this invitation')
    .option('--since <instant>', 'only what happened at this instant or later (ISO 8601)', parseInstant)
    .option('--until <instant>', 'only what happened before this instant, which is exclusive', parseInstant)
    .option('--after <position>', 'only events after this position in the log', parsePosition)
    .option('--to <position>', 'only events up to this position in the log', parsePosition);

function parseTypes(text: string): string[] {
  const types = text.split(',');
  const unknown = types.find((type) => !(STORED_TYPES as readonly string[]).includes(type));
  if (unknown === undefined) return types;
  throw new InvalidArgumentError(`There is no ${unknown}. Types: ${STORED_TYPES.join(', ')}.`);
}

export const toSelection = ({
  type,
  account,
  member,
  invitation,
  since,
  until,
  after,
  to,
}: SelectionOptions): Selection => ({
  types: type && new Set(type),
  account,
  member,
  invitation,
  since,
  before: until,
  after,
  to,
});

/** Names of stored fields never change, so the filter works on events that have not been decoded. */
type Fields = Readonly<Record<string, unknown>>;

const MEMBER_FIELDS = ['inviterId', 'recipientId', 'accountId', 'memberId'] as const;
const INVITATION_FIELDS = ['invitationId', 'supersedes', 'closes', 'through'] as const;

/** @returns a filter for all conditions but the positions, or undefined if there are none */
export function createFilter(selection: Selection): ((event: RawEvent) => boolean) | undefined {
  const { types, account, member, invitation, since, until, before } = selection;
  const conditions: ((event: RawEvent) => boolean)[] = [];
  if (types !== undefined) conditions.push(({ type }) => types.has(type));
  if (account !== undefined) conditions.push(({ accountId }) => accountId === account);
  if (member !== undefined) conditions.push(hasField(MEMBER_FIELDS, member));
  if (invitation !== undefined) conditions.push(hasField(INVITATION_FIELDS, invitation));
  if (since !== undefined) conditions.push((event) => instantOf(event) >= since);
  if (until !== undefined) conditions.push((event) => instantOf(event) <= until);
  if (before !== undefined) conditions.push((event) => instantOf(event) < before);
  if (conditions.length === 0) return undefined;
  return (event) => conditions.every((condition) => condition(event));
}

function hasField(names: readonly string[], value: string): (event: RawEvent) => boolean {
  return ({ data }) => names.some((name) => fieldsOf(data)[name] === value);
}

/** Another service may have stored data of any shape. */
const fieldsOf = (data: unknown): Fields =>
  typeof data === 'object' && data !== null ? (data as Fields) : {};

/** All instants have the same form, so they can be compared as text. An event without one counts from when it was stored. */
function instantOf({ data, created }: RawEvent): string {
  const { at } = fieldsOf(data);
  return typeof at === 'string' ? at : created.toISOString();
}

/** @returns the day in UTC on which something happened: `2026-11-30` */
export function dayOf(event: RawEvent): string {
  const happened = new Date(instantOf(event));
  // Another service may have stored any text, and a day becomes the name of a folder.
  const isDay = !Number.isNaN(happened.getTime()) && /^\d{4}-/.test(happened.toISOString());
  return (isDay ? happened : event.created).toISOString().slice(0, 10);
}
