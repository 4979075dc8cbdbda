import type { InvitationEvent } from './events.js';

/** What an event was stored with, apart from its type and its command. */
export type StoredData = Readonly<Record<string, unknown>>;

/** Makes data of the next version. The stored event itself is never touched. */
type Upcaster = (data: StoredData) => StoredData;

/** Version 1 did not promise to say how an invitation was accepted; only the site could. */
const acceptedOnTheSite: Upcaster = (data) => ({ ...data, via: data['via'] ?? 'site' });

/** From version 1 on, in order: a type's current version is one more than it has upcasters. */
const UPCASTERS: Readonly<Record<InvitationEvent['type'], readonly Upcaster[]>> = {
  InvitationSent: [],
  InvitationAccepted: [acceptedOnTheSite],
  InvitationReplied: [],
  InvitationIgnored: [],
  InvitationDeclined: [],
  InvitationWithdrawn: [],
  InvitationReminderDue: [],
  AccountRestricted: [],
  AccountRestrictionLifted: [],
  ConnectionRecorded: [],
};

/** Every type of event that was ever stored. */
export const STORED_TYPES = Object.keys(UPCASTERS) as readonly InvitationEvent['type'][];

/** The version in which events of a type are written today. */
export function currentVersion(type: InvitationEvent['type']): number {
  return UPCASTERS[type].length + 1;
}

/** Stored data in today's form; undefined for a type or version that this code does not know. */
export function upcast(type: string, version: unknown, data: StoredData): StoredData | undefined {
  if (!isKnown(type) || typeof version !== 'number' || !Number.isInteger(version)) return undefined;
  if (version < 1 || version > currentVersion(type)) return undefined;
  const upcasters = UPCASTERS[type];
  let today = data;
  for (let from = version; from <= upcasters.length; from += 1) today = upcasters[from - 1]!(today);
  return today;
}

const isKnown = (type: string): type is InvitationEvent['type'] => Object.hasOwn(UPCASTERS, type);
