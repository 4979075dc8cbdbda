import type { InvitationEvent } from './events.js';

/** The data of a stored event, without its type and its command. */
export type StoredData = Readonly<Record<string, unknown>>;

/** Converts data to the next version. The stored event itself is never changed. */
type Upcaster = (data: StoredData) => StoredData;

/** In version 1 `via` was optional, because invitations could only be accepted on the site. */
const acceptedOnSiteByDefault: Upcaster = (data) => ({ ...data, via: data['via'] ?? 'site' });

/** Version 1 has the text itself in `message`. In version 2 it is stored encrypted, and decrypted before it gets here. */
const plainText: Upcaster = (data) => data;

/** For each type, from version 1 on, in order. The current version of a type is one more than it has upcasters. */
const UPCASTERS: Readonly<Record<InvitationEvent['type'], readonly Upcaster[]>> = {
  InvitationSent: [plainText],
  InvitationAccepted: [acceptedOnSiteByDefault],
  InvitationReplied: [plainText],
  InvitationIgnored: [],
  InvitationRestored: [],
  InvitationDeclined: [],
  InvitationWithdrawn: [],
  InvitationReminderDue: [],
  InvitationExpired: [],
  InvitationClosed: [],
  AccountRestricted: [],
  AccountRestrictionLifted: [],
  AccountClosed: [],
  ConnectionRecorded: [],
  ConnectionEnded: [],
};

/** Every type of event that was ever stored. */
export const STORED_TYPES = Object.keys(UPCASTERS) as readonly InvitationEvent['type'][];

/** The version in which new events of a type are written. */
export function currentVersion(type: InvitationEvent['type']): number {
  return UPCASTERS[type].length + 1;
}

/** Converts stored data to the current version; undefined for a type or version that this code does not know. */
export function upcast(type: string, version: unknown, data: StoredData): StoredData | undefined {
  if (!isKnownType(type) || typeof version !== 'number' || !Number.isInteger(version)) return undefined;
  if (version < 1 || version > currentVersion(type)) return undefined;
  const upcasters = UPCASTERS[type];
  let current = data;
  for (let from = version; from <= upcasters.length; from += 1) current = upcasters[from - 1]!(current);
  return current;
}

const isKnownType = (type: string): type is InvitationEvent['type'] => Object.hasOwn(UPCASTERS, type);

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isInstant: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
/** A positive 32-bit integer, like the columns of the read models. */
const isOrdinal: Check = (value) =>
  Number.isInteger(value) && (value as number) > 0 && value === (value as number) >> 0;
const isVia: Check = (value) => value === 'site' || value === 'email';
const isTextOrUnreadable: Check = (value) => value === null || typeof value === 'string';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

type Fields<Event> = Readonly<Record<Exclude<keyof Event, 'type' | 'commandId'>, Check>>;

const INVITATION_FIELDS = { at: isInstant, invitationId: isText, inviterId: isText, recipientId: isText };

/** The fields of each type in its current version. A field that is added to an event does not compile until it is here. */
const FIELDS: {
  readonly [Type in InvitationEvent['type']]: Fields<Extract<InvitationEvent, { type: Type }>>;
} = {
  InvitationSent: {
    ...INVITATION_FIELDS,
    message: optional(isTextOrUnreadable),
    supersedes: optional(isText),
  },
  InvitationAccepted: { ...INVITATION_FIELDS, via: isVia },
  InvitationReplied: { ...INVITATION_FIELDS, message: isTextOrUnreadable },
  InvitationIgnored: INVITATION_FIELDS,
  InvitationRestored: INVITATION_FIELDS,
  InvitationDeclined: INVITATION_FIELDS,
  InvitationWithdrawn: INVITATION_FIELDS,
  InvitationReminderDue: { ...INVITATION_FIELDS, ordinal: isOrdinal, validUntil: isInstant },
  InvitationExpired: INVITATION_FIELDS,
  InvitationClosed: INVITATION_FIELDS,
  AccountRestricted: { at: isInstant, accountId: isText },
  AccountRestrictionLifted: { at: isInstant, accountId: isText, operatorId: isText, reason: isText },
  AccountClosed: { at: isInstant, accountId: isText, operatorId: isText },
  ConnectionRecorded: {
    at: isInstant,
    accountId: isText,
    memberId: isText,
    through: isText,
    closes: optional(isText),
  },
  ConnectionEnded: { at: isInstant, accountId: isText, memberId: isText, leaverId: isText },
};

/** The fields as one list for each type, because they are checked for every event that is read. */
const CHECKS = new Map<string, readonly (readonly [string, Check])[]>(
  Object.entries(FIELDS).map(([type, fields]) => [type, Object.entries<Check>(fields)]),
);

/** The name of the first field that is missing or malformed in data of the current version; undefined if there is none. */
export function findMalformedField(type: InvitationEvent['type'], data: StoredData): string | undefined {
  for (const [name, isValid] of CHECKS.get(type)!) if (!isValid(data[name])) return name;
  return undefined;
}
